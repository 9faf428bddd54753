using Parley.Plugins.FocusAgent.Conferences;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Rooms.Ringing;

/// <summary>How often people may be called, so that nobody makes a room ring strangers all day: counted for who asks and for who is called.</summary>
/// <param name="services">What rooms work with.</param>
public sealed class RingPaces(FocusServices services)
{
    /// <summary>The most addresses remembered. Beyond that newcomers share one pace.</summary>
    public const int MaxAddresses = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(Jid, bool), (int PerMinute, Pace Pace)> _paces = [];
    private readonly Pace _crowd = new(services.Clock);

    /// <summary>Whether somebody may have somebody called now.</summary>
    /// <param name="asker">Who asks: a bare address for accounts.</param>
    /// <param name="callee">Who would be called: a bare address.</param>
    public bool TryPass(Jid asker, Jid callee)
    {
        var perMinute = services.Options.RingsPerMinute;
        if (perMinute == 0) return false;
        return PaceOf((asker, true), perMinute).TryPass() && PaceOf((callee, false), perMinute).TryPass();
    }

    private Pace PaceOf((Jid, bool) who, int perMinute)
    {
        lock (_gate)
        {
            if (_paces.TryGetValue(who, out var known) && known.PerMinute == perMinute) return known.Pace;
            if (_paces.Count >= MaxAddresses)
            {
                foreach (var (idle, _) in _paces.Where(p => p.Value.Pace.IsFull).ToList()) _paces.Remove(idle);
                if (_paces.Count >= MaxAddresses) return _crowd;
            }

            var pace = new Pace(services.Clock, perMinute, perMinute / 60.0);
            _paces[who] = (perMinute, pace);
            return pace;
        }
    }
}
