using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Delivers what is addressed to an account or guest (RFC 6121 section 8.5).</summary>
internal sealed class AccountDelivery(SessionRegistry sessions, SessionWriter writer, Interceptors interceptors, IAccountStore accounts, AccountIqs iqs, IqDispatcher dispatcher)
{
    /// <summary>Delivers one stanza.</summary>
    public ValueTask<Outcome> DeliverAsync(Stanza stanza, in Addressee addressee, SenderInfo sender, RoutingTable table, CancellationToken ct)
    {
        var way = new Way(stanza.To ?? stanza.From!.Bare, addressee, sender, table, ct);
        return stanza switch
        {
            Message message => way.To.IsBare ? MessageToBareAsync(message, way) : MessageToFullAsync(message, way),
            Presence presence => PresenceAsync(presence, way),
            _ => IqAsync((Iq)stanza, way),
        };
    }

    // Section 8.5.3.2.1: for want of the resource a chat message goes to the account, since its writer means the person.
    private async ValueTask<Outcome> MessageToFullAsync(Message message, Way way)
    {
        if (sessions.Find(way.To) is { } session)
        {
            var written = await writer.WriteAsync(session, message, way.Sender, way.Table, way.Ct);
            if (written != Written.Over) return written == Written.Yes ? Outcome.Done : Outcome.Refuse(StanzaCondition.InternalServerError);
        }

        return message.Type switch
        {
            "chat" => await MessageToBareAsync(message, way),
            "headline" or "error" => Outcome.Done,
            _ => Outcome.Refuse(StanzaCondition.ServiceUnavailable),
        };
    }

    // Section 8.5.2.1.1, by its second choice: every available resource with a priority of 0 or more receives the message.
    private async ValueTask<Outcome> MessageToBareAsync(Message message, Way way)
    {
        if (message.Type == "error") return Outcome.Done;
        if (message.Type == "groupchat" || !await ExistsAsync(way)) return Outcome.Refuse(StanzaCondition.ServiceUnavailable);
        // Twice at most: a session found dead while writing leaves the account without one, which the interceptors (offline storage) must hear of.
        for (var round = 0; round < 2; round++)
        {
            var intercepted = await interceptors.RunAsync(message, new StanzaContext(StanzaPoint.ToLocalAccount, way.Sender, way.Addressee.Domain), way.Table, way.Ct);
            if (intercepted == Intercepted.Handled) return Outcome.Done;
            if (intercepted == Intercepted.Failed) return Outcome.Refuse(StanzaCondition.InternalServerError);
            var results = await WriteAsync(sessions.Of(way.To.Bare).Where(s => s.IsAvailable && s.Presence!.Priority >= 0), message, way);
            if (results.Contains(Written.Yes)) return Outcome.Done;
            if (results.Contains(Written.Failed)) return Outcome.Refuse(StanzaCondition.InternalServerError);
            if (results.Length == 0) break;
        }

        return message.Type == "headline" ? Outcome.Done : Outcome.Refuse(StanzaCondition.ServiceUnavailable);
    }

    // Sections 8.5.2.1.2 and 8.5.3.2.2. What nobody manages (subscriptions and probes without the Roster plugin) is ignored.
    private async ValueTask<Outcome> PresenceAsync(Presence presence, Way way)
    {
        var isPlain = presence.Type is null or "unavailable";
        if (!way.To.IsBare && (isPlain || presence.IsError))
        {
            if (sessions.Find(way.To) is { } session) await writer.WriteAsync(session, presence, way.Sender, way.Table, way.Ct);
            return Outcome.Done;
        }

        if (presence.IsError || !await ExistsAsync(way)) return Outcome.Done;
        var intercepted = await interceptors.RunAsync(presence, new StanzaContext(StanzaPoint.ToLocalAccount, way.Sender, way.Addressee.Domain), way.Table, way.Ct);
        if (intercepted == Intercepted.Failed) return Outcome.Refuse(StanzaCondition.InternalServerError);
        if (intercepted == Intercepted.Handled || !isPlain) return Outcome.Done;
        await WriteAsync(sessions.Of(way.To).Where(s => s.IsAvailable), presence, way);
        return Outcome.Done;
    }

    // Side by side: an account's resources that do not read make a sender wait for as long as one of them does, not for each in turn.
    private async ValueTask<Written[]> WriteAsync(IEnumerable<Session> to, Stanza stanza, Way way) =>
        await Task.WhenAll(to.Select(s => writer.WriteAsync(s, stanza, way.Sender, way.Table, way.Ct).AsTask()));

    private async ValueTask<Outcome> IqAsync(Iq iq, Way way)
    {
        if (way.To.IsBare)
        {
            if (!iq.IsRequest) return Outcome.Done; // an answer that nobody waits for
            return await ExistsAsync(way) ? await iqs.AnswerAsync(iq, way.To, way.Addressee, way.Sender, way.Table, way.Ct) : Outcome.Refuse(StanzaCondition.ServiceUnavailable);
        }

        if (sessions.Find(way.To) is not { } session) return Outcome.Refuse(StanzaCondition.ServiceUnavailable);
        if (iq.IsRequest && IqDispatcher.Find(iq, IqTarget.Session, null, way.Addressee.Domain, way.Table) is { } handler) return await dispatcher.CallAsync(handler, new IqRequest(iq, way.Sender, way.Addressee.Domain), way.Ct);
        return await writer.WriteAsync(session, iq, way.Sender, way.Table, way.Ct) == Written.Yes ? Outcome.Done : Outcome.Refuse(StanzaCondition.ServiceUnavailable);
    }

    private async ValueTask<bool> ExistsAsync(Way way) =>
        !sessions.Of(way.To).IsEmpty || (way.Addressee.Kind == AddresseeKind.Account && await accounts.ExistsAsync(way.To.Bare, way.Ct));

    private sealed record Way(Jid To, Addressee Addressee, SenderInfo Sender, RoutingTable Table, CancellationToken Ct);
}
