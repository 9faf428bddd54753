namespace Parley.Media.Core.Video;

/// <summary>
/// Chooses which of several sizes of a picture a receiver gets, from what it reports: down at once where packets are lost or the receiver's estimate is below what is sent, up step by
/// step where all is well; a step up that did not hold is tried again only after a time that doubles. One per receiver.
/// </summary>
public sealed class RenditionChooser
{
    private const long FirstTrialMs = 4_000, LongestTrialMs = 120_000, ProbationMs = 10_000;
    private const int HeavyLoss = 26, LightLoss = 5; // of 256: a tenth, a fiftieth
    private const int FewReports = 2;

    private readonly long[] _bitrates;
    private long _sinceMs, _trialMs = FirstTrialMs;
    private int _bad;
    private bool _isOnProbation;

    /// <summary>Begins in the middle.</summary>
    /// <param name="bitrates">What each size takes, in bits a second, the largest first.</param>
    /// <param name="nowMs">The time.</param>
    public RenditionChooser(IReadOnlyList<long> bitrates, long nowMs)
    {
        _bitrates = [.. bitrates];
        (Choice, _sinceMs) = (_bitrates.Length / 2, nowMs);
    }

    /// <summary>The size chosen; 0 is the largest.</summary>
    public int Choice { get; private set; }

    /// <summary>Takes a report.</summary>
    /// <param name="fractionLost">What was lost of it, of 256.</param>
    /// <param name="estimate">What the receiver believes to be able to take (REMB), in bits a second; null if it says nothing.</param>
    /// <param name="nowMs">The time.</param>
    /// <returns>Whether the choice changed.</returns>
    public bool OnReport(byte fractionLost, long? estimate, long nowMs)
    {
        // An estimate grows from what has come, so that a small picture never proves the room for a large one: it only has to exceed what is sent by something.
        var isShort = estimate is { } bits && bits < _bitrates[Choice] * 85 / 100;
        if (fractionLost > HeavyLoss || isShort) return ++_bad >= FewReports && Step(Choice + 1, nowMs);
        _bad = 0;
        if (_isOnProbation && nowMs - _sinceMs >= ProbationMs) (_isOnProbation, _trialMs) = (false, FirstTrialMs);
        if (fractionLost > LightLoss || nowMs - _sinceMs < _trialMs) return false;
        return Step(Choice - 1, nowMs);
    }

    private bool Step(int to, long nowMs)
    {
        if (to < 0 || to >= _bitrates.Length) return false;
        if (to > Choice && _isOnProbation) _trialMs = Math.Min(LongestTrialMs, 2 * _trialMs);
        _isOnProbation = to < Choice;
        (Choice, _sinceMs, _bad) = (to, nowMs, 0);
        return true;
    }
}
