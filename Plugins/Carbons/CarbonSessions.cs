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
    public IEnumerable<ISession> Of(Jid account, Jid but) => sessions.Of(account.Bare).Where(s => s.Jid != but && _enabled.TryGetValue(s, out _));
}
