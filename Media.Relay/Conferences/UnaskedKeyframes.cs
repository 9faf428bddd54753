namespace Parley.Media.Relay.Conferences;

/// <summary>
/// When a receiver of pictures that never asks for a keyframe gets one all the same. Dino asks for none (its GStreamer elements are not told to), waits for one after every packet that it lost or that came too late
/// for it, and drops what comes before it is ready: whatever it missed, it would stay dark, or stand still, until somebody else wanted one. Who asks once (PLI, FIR: RFC 4585, 5104) is left to it.
/// </summary>
internal sealed class UnaskedKeyframes
{
    /// <summary>After the first packet of a source: what the receiver needs to be ready, and a little.</summary>
    public const long FirstMs = 1_000;

    /// <summary>From then on: what is lost on the last stretch, where no report tells of it, stands no longer than that.</summary>
    public const long EveryMs = 4_000;

    /// <summary>The least time between two, where reports tell of losses.</summary>
    public const long AfterLossMs = 1_000;

    private object? _source;
    private long _readyMs, _dueMs, _lastMs;
    private bool _hasAsked, _hasLost;

    /// <summary>The receiver asked for one.</summary>
    public void OnAsked() => _hasAsked = true;

    /// <summary>The receiver reports losses.</summary>
    public void OnLoss() => _hasLost = true;

    /// <summary>Whether one is to be asked of the source now.</summary>
    /// <param name="source">What feeds the receiver; null for nothing.</param>
    /// <param name="keyframeMs">When the source's latest keyframe came.</param>
    /// <param name="nowMs">Now.</param>
    public bool TryTake(object? source, long keyframeMs, long nowMs)
    {
        if (source != _source)
        {
            // A source begins with a keyframe.
            (_source, _readyMs, _dueMs, _lastMs, _hasLost) = (source, nowMs + FirstMs, nowMs + FirstMs, nowMs, false);
            return false;
        }

        if (_hasAsked || source is null || nowMs < _readyMs) return false;
        // One that came for somebody else is as good: of many receivers the camera hears no more than of one.
        if (keyframeMs >= _readyMs && keyframeMs > _lastMs) Restart(keyframeMs);
        if (nowMs < (_hasLost ? Math.Min(_dueMs, _lastMs + AfterLossMs) : _dueMs)) return false;
        Restart(nowMs);
        return true;
    }

    private void Restart(long fromMs) => (_lastMs, _dueMs, _hasLost) = (fromMs, fromMs + EveryMs, false);
}
