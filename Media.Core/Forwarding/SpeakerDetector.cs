namespace Parley.Media.Core.Forwarding;

/// <summary>Who speaks in a conference: by the senders' own levels (RFC 6464), else as measured where somebody decodes them, else by the size of their packets. One per conference.</summary>
public sealed class SpeakerDetector
{
    private const double Smoothing = 0.4, SpeechScore = 60, Margin = 8;
    private const int TicksToWin = 2;
    private const int SilentPacket = 20; // Opus in DTX or comfort noise
    private const long TickMs = 150, PauseMs = 1_000;

    private readonly List<Voice?> _voices = [];
    private readonly List<int> _recent = [];
    private long _nextTickMs = long.MinValue, _spokenMs;

    /// <summary>Who speaks, or spoke last; -1 for nobody.</summary>
    public int Dominant { get; private set; } = -1;

    /// <summary>Whether <see cref="Dominant"/> speaks now: a second's pause between words counts as speaking.</summary>
    public bool IsSpeaking { get; private set; }

    /// <summary>The latest speakers, newest first.</summary>
    public IReadOnlyList<int> Recent => _recent;

    /// <summary>Adds a participant and returns its handle.</summary>
    public int Add()
    {
        var free = _voices.IndexOf(null);
        if (free < 0) _voices.Add(new());
        else _voices[free] = new();
        return free < 0 ? _voices.Count - 1 : free;
    }

    /// <summary>Removes a participant.</summary>
    public void Remove(int handle)
    {
        _voices[handle] = null;
        _recent.Remove(handle);
        if (Dominant == handle) (Dominant, IsSpeaking) = (_recent.Count > 0 ? _recent[0] : -1, false);
    }

    /// <summary>An audio packet of a participant came.</summary>
    /// <param name="handle">The participant.</param>
    /// <param name="info">The packet.</param>
    /// <param name="measured">How loud the participant was measured to speak, 0 to 127; -1 where nobody decodes.</param>
    public void OnPacket(int handle, in PacketInfo info, int measured = -1)
    {
        if (_voices[handle] is not { } voice || info.IsVoid) return;
        var loudness = info.AudioLevel >= 0 ? 127 - (info.AudioLevel & 127) : measured >= 0 ? measured : info.PayloadLength > SilentPacket ? 75 : 0;
        voice.Sum += loudness;
        voice.Count++;
    }

    /// <summary>Evaluates what came; call at least every 150 ms.</summary>
    /// <returns>Whether somebody else speaks now, or whoever spoke last is silent, or speaks again.</returns>
    public bool Tick(long nowMs)
    {
        if (nowMs < _nextTickMs) return false;
        _nextTickMs = nowMs + TickMs;
        var (best, bestScore) = (-1, 0.0);
        for (var i = 0; i < _voices.Count; i++)
        {
            if (_voices[i] is not { } voice) continue;
            voice.Evaluate();
            if (voice.Score > bestScore) (best, bestScore) = (i, voice.Score);
        }

        for (var i = 0; i < _voices.Count; i++)
        {
            if (_voices[i] is { } other && i != best) other.Wins = 0;
        }

        var wasSpeaking = IsSpeaking;
        if (Dominant >= 0 && _voices[Dominant]!.Score >= SpeechScore) (IsSpeaking, _spokenMs) = (true, nowMs);
        else if (nowMs - _spokenMs >= PauseMs) IsSpeaking = false;
        return HasChanged(best, bestScore, nowMs) || IsSpeaking != wasSpeaking;
    }

    private bool HasChanged(int best, double bestScore, long nowMs)
    {
        if (best < 0 || best == Dominant || bestScore < SpeechScore) return false;
        var current = Dominant >= 0 ? _voices[Dominant]!.Score : 0;
        // Somebody who still speaks is not interrupted by an equal.
        if (current >= SpeechScore && bestScore < current + Margin) return false;
        if (++_voices[best]!.Wins < TicksToWin) return false;
        (Dominant, IsSpeaking, _spokenMs) = (best, true, nowMs);
        _recent.Remove(best);
        _recent.Insert(0, best);
        return true;
    }

    private sealed class Voice
    {
        public int Sum, Count, Wins;

        public double Score { get; private set; }

        public void Evaluate()
        {
            Score += ((Count > 0 ? (double)Sum / Count : 0) - Score) * Smoothing;
            (Sum, Count) = (0, 0);
        }
    }
}
