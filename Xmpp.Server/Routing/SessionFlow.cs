using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Takes what local sessions send, keeps their presence, and says unavailable for those that end (RFC 6121 section 4).</summary>
internal sealed class SessionFlow(
    Router router, RoutingTableHolder tables, SenderResolver senders, GuestPolicy guests, Interceptors interceptors, SessionWriter writer, PendingIqs pending, XmppServerSettings settings,
    ILogger<SessionFlow> log) : ISessionFlow
{
    /// <inheritdoc/>
    public async ValueTask FromSessionAsync(Session session, Stanza stanza)
    {
        try
        {
            var table = tables.Current;
            var outcome = guests.Judge(stanza, session.Sender, table) is { } refusal ? Outcome.Refuse(refusal)
                : stanza is Presence { To: null } broadcast ? await BroadcastAsync(session, broadcast, table)
                : await AddressedAsync(session, stanza, table);
            await router.ReplyAsync(stanza, outcome, CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogError(e, "Taking a stanza of a session failed");
        }
    }

    /// <inheritdoc/>
    public bool TryAnswer(Iq answer) => pending.TryComplete(answer);

    /// <inheritdoc/>
    public async ValueTask SendAsync(Session session, Stanza stanza, CancellationToken ct)
    {
        var table = tables.Current;
        await writer.WriteAsync(session, stanza, senders.Of(stanza.From ?? session.Jid.Bare, table), table, ct);
    }

    /// <inheritdoc/>
    public async ValueTask EndedAsync(Session session)
    {
        try
        {
            var table = tables.Current;
            var gone = new Presence(new Element("presence", Ns.Client).Attr("from", session.Jid.ToString()).Attr("type", "unavailable"));
            if (session.Presence is { IsAvailable: true }) await BroadcastAsync(session, gone, table);
            else await TellDirectedAsync(session, gone, table);
        }
        catch (Exception e)
        {
            log.LogError(e, "Announcing the end of a session failed");
        }
    }

    private async ValueTask<Outcome> AddressedAsync(Session session, Stanza stanza, RoutingTable table)
    {
        if (stanza is Presence { IsAvailable: true, To: { } told } && told != session.Jid && !session.Directed.Add(told)) return Outcome.Refuse(StanzaCondition.ResourceConstraint);
        switch (await InterceptAsync(session, stanza, table))
        {
            case Intercepted.Handled: return Outcome.Done;
            case Intercepted.Failed: return Outcome.Refuse(StanzaCondition.InternalServerError);
        }

        await router.DispatchAsync(stanza, session.Sender, table, CancellationToken.None);
        return Outcome.Done;
    }

    // The state changes before the interceptors see the presence: of two contacts that come at once, at least one then finds the other available.
    private async ValueTask<Outcome> BroadcastAsync(Session session, Presence presence, RoutingTable table)
    {
        session.SetPresence(presence);
        var intercepted = await InterceptAsync(session, presence, table);
        if (!presence.IsAvailable) await TellDirectedAsync(session, presence, table);
        return intercepted == Intercepted.Failed ? Outcome.Refuse(StanzaCondition.InternalServerError) : Outcome.Done;
    }

    private async ValueTask TellDirectedAsync(Session session, Presence unavailable, RoutingTable table)
    {
        foreach (var told in session.Directed.Take()) await router.DispatchAsync(unavailable.WithAddresses(to: told), session.Sender, table, CancellationToken.None);
    }

    private ValueTask<Intercepted> InterceptAsync(Session session, Stanza stanza, RoutingTable table)
    {
        var domain = settings.ParentOfGuestDomain(session.Jid.Domain) ?? session.Jid.Domain;
        return interceptors.RunAsync(stanza, new StanzaContext(StanzaPoint.FromLocalSession, session.Sender, domain, session), table, CancellationToken.None);
    }
}
