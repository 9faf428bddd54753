namespace Parley.Media.Core.Ice;

/// <summary>Whether the peer still consents (RFC 7675; design section 5): its answers decide, and media buys time.</summary>
internal sealed class IceLiveness
{
    /// <summary>Without an answer and without media.</summary>
    public const long SilenceMs = 12_000;

    /// <summary>Without an answer, whatever arrives.</summary>
    public const long AnswerMs = 30_000;

    /// <summary>From the peer's description to the first path.</summary>
    public const long ConnectMs = 30_000;

    private long _startedMs = long.MaxValue, _answerMs = long.MinValue, _mediaMs = long.MinValue;

    public void OnDescribed(long nowMs) => _startedMs = Math.Min(_startedMs, nowMs);

    public void OnAnswer(long nowMs) => _answerMs = nowMs;

    public void OnMedia(long nowMs) => _mediaMs = nowMs;

    /// <summary>When it is over unless something comes.</summary>
    public long DeadlineMs(IceState state) => state switch
    {
        IceState.Checking => _startedMs == long.MaxValue ? long.MaxValue : _startedMs + ConnectMs,
        IceState.Connected => Math.Min(Math.Max(_answerMs, _mediaMs) + SilenceMs, _answerMs + AnswerMs),
        _ => long.MaxValue,
    };
}
