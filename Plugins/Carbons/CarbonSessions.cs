using System.Runtime.CompilerServices;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Carbons;

/// <summary>Which sessions want copies. A session that is gone is forgotten with it.</summary>
public sealed class CarbonSessions(ISessionDirectory sessions)
{
    private readonly ConditionalWeakTable<ISession, object> _enabled = [];

    /// <summary>Turns copies on or off for a session; false if there is no such session.</summary>
    public bool Set(string? sessionId, bool isEnabled)
    {
        if (sessionId is null || sessions.FindById(sessionId) is not { } session) return false;
        if (isEnabled) _enabled.AddOrUpdate(session, this);
        else _enabled.Remove(session);
        return true;
    }

    /// <summary>The sessions of an account that want copies, but for one.</summary>
    public IReadOnlyList<ISession> Of(Jid account, Jid but)
    {
        List<ISession>? wanting = null; // most have no other client
        var all = sessions.Of(account.Bare);
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].Jid != but && _enabled.TryGetValue(all[i], out _)) (wanting ??= []).Add(all[i]);
        }

        return wanting ?? (IReadOnlyList<ISession>)[];
    }
}
