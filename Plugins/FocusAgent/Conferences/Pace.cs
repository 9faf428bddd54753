namespace Parley.Plugins.FocusAgent.Conferences;

/// <summary>How often something may happen: one participant's lines, what a caller sends, who is there told to everybody. A bucket of tokens; from any thread.</summary>
/// <param name="clock">The time.</param>
/// <param name="burst">How many at once.</param>
/// <param name="rate">How many a second after that.</param>
public sealed class Pace(TimeProvider clock, int burst = Pace.Burst, double rate = Pace.Rate)
{
    /// <summary>How many at once where nothing else is said.</summary>
    public const int Burst = 20;

    /// <summary>How many a second after that.</summary>
    public const double Rate = 5;

    private readonly Lock _gate = new();
    private double _tokens = burst;
    private long _at = clock.GetTimestamp();

    /// <summary>Whether nothing has happened for so long that a new bucket would be the same.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                Fill();
                return _tokens >= burst;
            }
        }
    }

    /// <summary>Whether one more may pass.</summary>
    public bool TryPass() => TryPass(1) is null;

    /// <summary>Lets something of a cost pass: null, or how long it must wait before it asks again.</summary>
    public TimeSpan? TryPass(int cost)
    {
        lock (_gate)
        {
            Fill();
            if (_tokens < cost) return TimeSpan.FromSeconds((cost - _tokens) / rate) + TimeSpan.FromMilliseconds(1);
            _tokens -= cost;
            return null;
        }
    }

    private void Fill()
    {
        var now = clock.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + (clock.GetElapsedTime(_at, now).TotalSeconds * rate));
        _at = now;
    }
}
