namespace Parley.Media.Relay.Mixing;

/// <summary>
/// How much somebody who hears the mix loses, from its reports: up at once, as what is lost next is not to be missed, and down a little a second, so that one good report of a few
/// packets changes nothing.
/// </summary>
internal sealed class MixLoss
{
    private const int Most = 25, DownPerSecond = 1;
    private const long IntervalMs = 1_000;

    private long _nextMs = long.MinValue;

    /// <summary>Of 100.</summary>
    public int Percent { get; private set; }

    /// <summary>Looks at the latest report.</summary>
    /// <param name="fractionLost">Its loss, of 256.</param>
    /// <param name="nowMs">Now.</param>
    /// <returns>Whether the percentage is another.</returns>
    public bool Update(byte fractionLost, long nowMs)
    {
        if (nowMs < _nextMs) return false;
        _nextMs = nowMs + IntervalMs;
        var (before, said) = (Percent, Math.Min(Most, (fractionLost * 100 + 255) / 256));
        Percent = Math.Max(said, before - DownPerSecond);
        return Percent != before;
    }
}
