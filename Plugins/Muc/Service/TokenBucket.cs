namespace Parley.Plugins.Muc.Service;

/// <summary>How often something may happen: so many in a minute, which may come at once. Not for several threads at once.</summary>
internal sealed class TokenBucket(TimeProvider clock)
{
    private double _used;
    private long _at = clock.GetTimestamp();

    /// <summary>Whether nothing has happened for so long that a new one would be the same.</summary>
    public bool IsFull(int perMinute)
    {
        Fill(perMinute);
        return _used <= 0;
    }

    /// <summary>Whether one more may pass.</summary>
    public bool TryPass(int perMinute)
    {
        Fill(perMinute);
        if (_used + 1 > perMinute) return false;
        _used++;
        return true;
    }

    private void Fill(int perMinute)
    {
        var now = clock.GetTimestamp();
        _used = Math.Max(0, _used - (clock.GetElapsedTime(_at, now).TotalMinutes * perMinute));
        _at = now;
    }
}
