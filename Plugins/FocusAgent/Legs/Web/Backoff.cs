namespace Parley.Plugins.FocusAgent.Legs.Web;

/// <summary>Waits that double up to half a minute.</summary>
public sealed class Backoff
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);
    private TimeSpan _next = TimeSpan.FromSeconds(1);

    /// <summary>The wait after a collision: the other side needs no more than a moment.</summary>
    public TimeSpan First { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        var wait = _next;
        _next = _next * 2 < Most ? _next * 2 : Most;
        return wait;
    }

    /// <summary>Starts again.</summary>
    public void Reset() => _next = TimeSpan.FromSeconds(1);
}
