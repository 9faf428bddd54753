using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Rooms;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>How often a link's list of recordings may be asked for: a link is passed on, and whoever has it may be anybody.</summary>
/// <param name="services">The time.</param>
public sealed class ListingPaces(FocusServices services)
{
    /// <summary>Lists at once.</summary>
    public const int Burst = 20;

    /// <summary>Lists a second after that.</summary>
    public const double Rate = 0.5;

    /// <summary>The most links remembered. Beyond that newcomers share one pace.</summary>
    public const int MaxLinks = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Pace> _paces = [];
    private readonly Pace _crowd = new(services.Clock, Burst, Rate);

    /// <summary>Lets one more list pass; else says how long to wait.</summary>
    /// <param name="token">The link's token, which is good.</param>
    public TimeSpan? TryPass(string token) => PaceOf(token).TryPass(1);

    private Pace PaceOf(string token)
    {
        lock (_gate)
        {
            if (_paces.TryGetValue(token, out var known)) return known;
            if (_paces.Count >= MaxLinks)
            {
                foreach (var (idle, _) in _paces.Where(p => p.Value.IsFull).ToList()) _paces.Remove(idle);
                if (_paces.Count >= MaxLinks) return _crowd;
            }

            return _paces[token] = new Pace(services.Clock, Burst, Rate);
        }
    }
}
