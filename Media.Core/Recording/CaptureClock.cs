namespace Parley.Media.Core.Recording;

/// <summary>
/// When a track's frames were made, on the relay's clock, so that what was said and seen together stays together. The sender's reports tell (RFC 3550 section 6.4.1); before the first one, and where they
/// tell nonsense, the least delayed arrival does.
/// </summary>
/// <param name="rate">The track's RTP clock, in hertz.</param>
public sealed class CaptureClock(int rate)
{
    // A report that puts a frame further from its arrival than a network can is not believed.
    private const long MostBeforeMs = 10_000, MostAfterMs = 1_000;

    // A timestamp that runs away from the arrivals by more begins anew: the sender did.
    private const double MostDriftMs = 3_000;

    private long _extended;
    private double _offsetMs;
    private bool _hasBegun, _isReported;

    /// <summary>The time of a frame, in milliseconds.</summary>
    /// <param name="timestamp">Its RTP timestamp, which may wrap around.</param>
    /// <param name="captureMs">When it was made by the sender's reports; null while there is none.</param>
    /// <param name="arrivalMs">When its first packet came.</param>
    public long TimeOf(uint timestamp, long? captureMs, long arrivalMs)
    {
        _extended = _hasBegun ? _extended + (int)(timestamp - (uint)_extended) : timestamp;
        var media = _extended * 1000.0 / rate;
        if (captureMs is { } told && told >= arrivalMs - MostBeforeMs && told <= arrivalMs + MostAfterMs)
        {
            (_offsetMs, _hasBegun, _isReported) = (told - media, true, true);
            return told;
        }

        var arrived = arrivalMs - media;
        if (!_hasBegun || Math.Abs(arrived - _offsetMs) > MostDriftMs) (_offsetMs, _isReported) = (arrived, false);
        else if (!_isReported) _offsetMs = Math.Min(_offsetMs, arrived);
        _hasBegun = true;
        return (long)Math.Round(media + _offsetMs);
    }
}
