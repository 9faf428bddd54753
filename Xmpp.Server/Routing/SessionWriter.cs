using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>What became of a stanza for one session.</summary>
internal enum Written
{
    /// <summary>Queued, or taken by an interceptor.</summary>
    Yes,
    /// <summary>The session is over.</summary>
    Over,
    /// <summary>An interceptor failed.</summary>
    Failed,
}

/// <summary>Writes to sessions, by way of the interceptors of <see cref="StanzaPoint.ToSession"/>.</summary>
internal sealed class SessionWriter(Interceptors interceptors, XmppServerSettings settings)
{
    /// <summary>Writes one stanza to one session.</summary>
    public async ValueTask<Written> WriteAsync(Session session, Stanza stanza, SenderInfo sender, RoutingTable table, CancellationToken ct)
    {
        var domain = settings.ParentOfGuestDomain(session.Jid.Domain) ?? session.Jid.Domain;
        switch (await interceptors.RunAsync(stanza, new StanzaContext(StanzaPoint.ToSession, sender, domain, session), table, ct))
        {
            case Intercepted.Handled: return Written.Yes;
            case Intercepted.Failed: return Written.Failed;
            default: return await session.WriteAsync(stanza, ct) ? Written.Yes : Written.Over;
        }
    }
}
