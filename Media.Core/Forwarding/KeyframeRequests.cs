namespace Parley.Media.Core.Forwarding;

/// <summary>A track's wish for a keyframe, merged from all who have it: asked at most every 500 ms, and again until one comes.</summary>
internal sealed class KeyframeRequests
{
    private const long IntervalMs = 500, SlowIntervalMs = 2_000;
    private const int FastTries = 20;

    private long _lastMs = long.MinValue / 2;
    private int _tries;

    /// <summary>Whether one is wanted.</summary>
    public bool IsWanted { get; private set; }

    public void Want() => IsWanted = true;

    public void OnKeyframe() => (IsWanted, _tries) = (false, 0);

    /// <summary>Whether to ask now.</summary>
    public bool TryTake(long nowMs)
    {
        // After ten seconds without one the sender is muted or gone: go on, but slowly.
        if (!IsWanted || nowMs - _lastMs < (_tries < FastTries ? IntervalMs : SlowIntervalMs)) return false;
        (_lastMs, _tries) = (nowMs, _tries + 1);
        return true;
    }
}
