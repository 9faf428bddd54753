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
    Router router, SessionMessages messages, RoutingTableHolder tables, SenderResolver senders, GuestPolicy guests, Interceptors interceptors, SessionWriter writer, LostStanzas lost, PendingIqs pending,
    PresenceAmendments amendments, XmppServerSettings settings, ILogger<SessionFlow> log, IContributions<ISilenceObserver>? silence = null) : ISessionFlow
{
    /// <inheritdoc/>
    public ValueTask FromSessionAsync(Session session, Stanza stanza, Handling? handling) =>
        stanza is Message message ? messages.TakeAsync(session, message, handling) : OtherAsync(session, stanza, handling);

    private async ValueTask OtherAsync(Session session, Stanza stanza, Handling? handling)
    {
        try
        {
            if (session.UnderWay is { } underWay) await underWay.IdleAsync();
            var table = tables.Current;
            var said = stanza;
            if (stanza is Presence) stanza = await amendments.AmendAsync(session, stanza);
            var outcome = guests.Judge(stanza, session.Sender, table) is { } refusal ? Outcome.Refuse(refusal)
                : stanza is Presence { To: null } broadcast ? await BroadcastAsync(session, broadcast, (Presence)said, table)
                : await AddressedAsync(session, stanza, said, table, handling);
            await router.ReplyAsync(stanza, outcome, CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogError(e, "Taking a stanza of a session failed");
        }

        handling?.Done();
    }

    /// <inheritdoc/>
    public bool TryAnswer(Iq answer) => pending.TryComplete(answer);

    /// <inheritdoc/>
    public async ValueTask<bool> SendAsync(Session session, Stanza stanza, Delivery? delivery, CancellationToken ct)
    {
        var table = tables.Current;
        return await writer.WriteAsync(session, stanza, senders.Of(stanza.From ?? session.Jid.Bare, table), table, delivery, ct) == Written.Yes;
    }

    /// <inheritdoc/>
    public ValueTask SendCopyAsync(Session session, Stanza copy, Stanza original, CancellationToken ct)
    {
        var table = tables.Current;
        return writer.WriteCopyAsync(session, copy, original, senders.Of(copy.From ?? session.Jid.Bare, table), table, ct);
    }

    /// <inheritdoc/>
    public void FellSilent(Session session, IReadOnlyList<Stanza> unheard)
    {
        foreach (var observer in silence?.Items ?? [])
        {
            try
            {
                observer.FellSilent(session, unheard);
            }
#pragma warning disable CA1031 // A plugin's fault must not keep the others from hearing of it.
            catch (Exception e)
            {
                log.LogError(e, "{Observer} failed at a client that fell silent", observer.GetType().FullName);
            }
#pragma warning restore CA1031
        }
    }

    /// <inheritdoc/>
    public ValueTask LostAsync(Session session, IReadOnlyList<Undelivered> all) => lost.RouteAnewAsync(session.Jid, all);

    /// <inheritdoc/>
    public async ValueTask EndedAsync(Session session)
    {
        try
        {
            if (session.UnderWay is { } underWay) await underWay.IdleAsync();
            var table = tables.Current;
            var gone = new Presence(new Element("presence", Ns.Client).Attr("from", session.Jid.ToString()).Attr("type", "unavailable"));
            if (session.Presence is { IsAvailable: true }) await BroadcastAsync(session, gone, gone, table);
            else await TellDirectedAsync(session, gone, table);
        }
        catch (Exception e)
        {
            log.LogError(e, "Announcing the end of a session failed");
        }
    }

    /// <inheritdoc/>
    public async ValueTask RenewAsync(Session session)
    {
        try
        {
            if (session.UnderWay is { } underWay) await underWay.IdleAsync();
            var table = tables.Current;
            if (session is { IsAvailable: true, Said: { } said, Presence: { } shown } && await amendments.AmendAsync(session, said) is Presence now && !now.Element.ToUtf8().Span.SequenceEqual(shown.Element.ToUtf8().Span))
            {
                await BroadcastAsync(session, now, said, table);
            }

            foreach (var (directed, all) in session.Directed.Sayable())
            {
                // Where plugins look at the addressee, they are shown one; it is the same for all.
                if (await amendments.AmendAsync(session, directed.Said.WithAddresses(to: all[0])) is not Presence renewed || !directed.Show(renewed)) continue;
                foreach (var to in all)
                {
                    var (intercepted, passed) = await InterceptAsync(session, renewed.WithAddresses(to: to), table);
                    if (intercepted == Intercepted.Continue) await router.DispatchAsync(passed, session.Sender, table, CancellationToken.None);
                }
            }
        }
        catch (Exception e)
        {
            log.LogError(e, "Saying a session's presence anew failed");
        }
    }

    private async ValueTask<Outcome> AddressedAsync(Session session, Stanza stanza, Stanza said, RoutingTable table, Handling? handling)
    {
        if (stanza is Presence { IsAvailable: true, To: { } told } shown && told != session.Jid && !session.Directed.Add(told, (Presence)said, shown)) return Outcome.Refuse(StanzaCondition.ResourceConstraint);
        (var intercepted, stanza) = await InterceptAsync(session, stanza, table);
        switch (intercepted)
        {
            case Intercepted.Handled:
                // It was told nothing, so it is not told of the end either.
                if (stanza is Presence { IsAvailable: true, To: { } nobody }) session.Directed.Forget(nobody);
                return Outcome.Done;
            case Intercepted.Failed: return Outcome.Refuse(StanzaCondition.InternalServerError);
        }

        await router.DispatchAsync(stanza, session.Sender, table, CancellationToken.None, handling: handling);
        return Outcome.Done;
    }

    // The state changes before the interceptors see the presence: of two contacts that come at once, at least one then finds the other available.
    private async ValueTask<Outcome> BroadcastAsync(Session session, Presence presence, Presence said, RoutingTable table)
    {
        session.SetPresence(presence, said);
        var (intercepted, _) = await InterceptAsync(session, presence, table);
        if (!presence.IsAvailable) await TellDirectedAsync(session, presence, table);
        return intercepted == Intercepted.Failed ? Outcome.Refuse(StanzaCondition.InternalServerError) : Outcome.Done;
    }

    private async ValueTask TellDirectedAsync(Session session, Presence unavailable, RoutingTable table)
    {
        foreach (var told in session.Directed.Take()) await router.DispatchAsync(unavailable.WithAddresses(to: told), session.Sender, table, CancellationToken.None);
    }

    private ValueTask<Passage> InterceptAsync(Session session, Stanza stanza, RoutingTable table)
    {
        var domain = settings.ParentOfGuestDomain(session.Jid.Domain) ?? session.Jid.Domain;
        return interceptors.PassAsync(stanza, new StanzaContext(StanzaPoint.FromLocalSession, session.Sender, domain, session), table, CancellationToken.None);
    }
}
