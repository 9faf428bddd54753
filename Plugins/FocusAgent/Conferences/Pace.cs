namespace Parley.Plugins.FocusAgent.Conferences;

/// <summary>How often something may go to everybody: one participant's lines, or who is there. A bucket of tokens.</summary>
/// <param name="clock">The time.</param>
public sealed class Pace(TimeProvider clock)
{
    /// <summary>How many at once.</summary>
    public const int Burst = 20;

    /// <summary>How many a second after that.</summary>
    public const double Rate = 5;

    private double _tokens = Burst;
    private long _at = clock.GetTimestamp();

    /// <summary>Whether one more may pass.</summary>
    public bool TryPass()
    {
        var now = clock.GetTimestamp();
        _tokens = Math.Min(Burst, _tokens + (clock.GetElapsedTime(_at, now).TotalSeconds * Rate));
        _at = now;
        if (_tokens < 1) return false;
        _tokens--;
        return true;
    }
}
