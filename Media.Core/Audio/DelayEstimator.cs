namespace Parley.Media.Core.Audio;

/// <summary>How unevenly a stream's packets arrive: the delay that all but the latest few would be in time with.</summary>
public sealed class DelayEstimator
{
    private const int Window = 128, Refresh = 16;
    private const double Covered = 0.98;
    private const long BaseMs = 5_000;

    private readonly float[] _delays = new float[Window], _sorted = new float[Window];
    private double _base = double.MaxValue, _nextBase = double.MaxValue;
    private long _turnMs = long.MinValue;
    private int _count;

    /// <summary>The delay in milliseconds, counted from the fastest packet.</summary>
    public double JitterMs { get; private set; }

    /// <summary>A packet came.</summary>
    /// <param name="mediaMs">When its sender's clock made it, in milliseconds.</param>
    /// <param name="arrivalMs">When it came, by our clock.</param>
    public void Observe(double mediaMs, long arrivalMs)
    {
        var transit = arrivalMs - mediaMs;
        // The fastest of the last 5 to 10 s: clocks drift apart, and paths change.
        if (_turnMs == long.MinValue || arrivalMs - _turnMs >= BaseMs) (_base, _nextBase, _turnMs) = (_turnMs == long.MinValue ? transit : _nextBase, transit, arrivalMs);
        (_base, _nextBase) = (Math.Min(_base, transit), Math.Min(_nextBase, transit));
        _delays[_count++ % Window] = (float)(transit - _base);
        if (_count % Refresh != 0) return;
        var known = Math.Min(_count, Window);
        _delays.AsSpan(0, known).CopyTo(_sorted);
        _sorted.AsSpan(0, known).Sort();
        JitterMs = _sorted[(int)((known - 1) * Covered)];
    }

    /// <summary>The stream begins anew, with another clock.</summary>
    public void Reset() => (_base, _nextBase, _turnMs, _count, JitterMs) = (double.MaxValue, double.MaxValue, long.MinValue, 0, 0);
}
