namespace Parley.Media.Core.Forwarding;

/// <summary>
/// How far a participant's wall clock is from ours. All of a participant's tracks share one, so that what we tell receivers keeps them in step (lip-sync): the
/// smallest distance seen counts, being the least delayed report's, and grows slowly so that a drifting clock is followed.
/// </summary>
public sealed class SourceClock
{
    private const long GrowthPerReport = (1L << 32) / 1000;
    private long _distance;
    private bool _isKnown;

    /// <summary>Takes a sender report's clock and ours at its arrival, both 32.32.</summary>
    public void Observe(ulong theirs, ulong ours)
    {
        var distance = (long)(ours - theirs);
        _distance = _isKnown ? Math.Min(distance, _distance + GrowthPerReport) : distance;
        _isKnown = true;
    }

    /// <summary>Our clock at a moment of theirs.</summary>
    public ulong ToOurs(ulong theirs) => theirs + (ulong)_distance;
}
