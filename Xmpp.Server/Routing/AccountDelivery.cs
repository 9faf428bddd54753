using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Delivers what is addressed to an account or guest (RFC 6121 section 8.5).</summary>
internal sealed class AccountDelivery(SessionRegistry sessions, SessionWriter writer, Interceptors interceptors, IAccountStore accounts, AccountIqs iqs, IqDispatcher dispatcher, KeptDeliveries kept)
{
    /// <summary>Delivers one stanza.</summary>
    public ValueTask<Outcome> DeliverAsync(Stanza stanza, in Addressee addressee, SenderInfo sender, RoutingTable table, DateTimeOffset? received, Handling? handling, CancellationToken ct)
    {
        var way = new Way(stanza.To ?? stanza.From!.Bare, addressee, sender, table, received, handling, ct);
        return stanza switch
        {
            Message message => way.To.IsBare ? MessageToBareAsync(message, way) : MessageToFullAsync(message, way),
            Presence presence => PresenceAsync(presence, way),
            _ => IqAsync((Iq)stanza, way),
        };
    }

    // Section 8.5.3.2.1: for want of the resource a chat message goes to the account, since its writer means the person.
    private ValueTask<Outcome> MessageToFullAsync(Message message, Way way)
    {
        if (sessions.Find(way.To) is not { } session) return MessageToFullAsync(message, way, new(Written.Over), null);
        var keeping = Keep(message, [session], way);
        keeping?.Join();
        var writing = writer.WriteAsync(session, message, way.Sender, way.Table, keeping, way.Ct);
        if (writing is not { IsCompletedSuccessfully: true, Result: Written.Yes }) return MessageToFullAsync(message, way, writing, keeping);
        way.WaitFor(keeping);
        return new(Outcome.Done);
    }

    private async ValueTask<Outcome> MessageToFullAsync(Message message, Way way, ValueTask<Written> writing, KeptDelivery? keeping)
    {
        var isTaken = false;
        try
        {
            var written = await writing;
            if (written == Written.Failed) return Outcome.Refuse(StanzaCondition.InternalServerError);
            // Lost to this client, it may still be with others as a copy.
            isTaken = written == Written.Yes || (keeping is not null && keeping.Lost(message) is null);
            if (isTaken)
            {
                way.WaitFor(keeping);
                return Outcome.Done;
            }
        }
        finally
        {
            if (!isTaken) keeping?.Kept.Release();
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
            var context = new StanzaContext(StanzaPoint.ToLocalAccount, way.Sender, way.Addressee.Domain) { Received = way.Received };
            var (intercepted, passed) = await interceptors.PassAsync(message, context, way.Table, way.Ct);
            if (intercepted == Intercepted.Handled) return Outcome.Done;
            if (intercepted == Intercepted.Failed) return Outcome.Refuse(StanzaCondition.InternalServerError);
            if (passed != message) kept.Replaced(message, (Message)passed, way.Received);
            message = (Message)passed;
            Session[] receivers = [.. sessions.Of(way.To.Bare).Where(s => s.IsAvailable && s.Presence!.Priority >= 0)];
            var (results, isLost) = await ShareAsync(receivers, message, way);
            var hasFailed = results.Contains(Written.Failed);
            // Without a receiver that took it, it may still be with others as a copy.
            if (results.Length > 0 && !isLost && (!hasFailed || results.Contains(Written.Yes))) return Outcome.Done;
            if (hasFailed) return Outcome.Refuse(StanzaCondition.InternalServerError);
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
            if (sessions.Find(way.To) is { } session) await writer.WriteAsync(session, presence, way.Sender, way.Table, null, way.Ct);
            return Outcome.Done;
        }

        if (presence.IsError || !await ExistsAsync(way)) return Outcome.Done;
        var intercepted = await interceptors.RunAsync(presence, new StanzaContext(StanzaPoint.ToLocalAccount, way.Sender, way.Addressee.Domain), way.Table, way.Ct);
        if (intercepted == Intercepted.Failed) return Outcome.Refuse(StanzaCondition.InternalServerError);
        if (intercepted == Intercepted.Handled || !isPlain) return Outcome.Done;
        await WriteAsync([.. sessions.Of(way.To).Where(s => s.IsAvailable)], presence, way);
        return Outcome.Done;
    }

    private KeptDelivery? Keep(Message message, ReadOnlySpan<Session> receivers, Way way) =>
        way.Addressee.Kind == AddresseeKind.Account ? kept.For(message, receivers, way.Received) : null;

    // Several have it each, so that none of them alone says whether it must go elsewhere.
    private async ValueTask<(Written[] Results, bool IsLost)> ShareAsync(Session[] receivers, Message message, Way way)
    {
        var keeping = Keep(message, receivers, way);
        var shared = keeping ?? (receivers.Length < 2 ? null : new SharedDelivery(message));
        if (shared is null)
        {
            var sole = await WriteAsync(receivers, message, way);
            return (sole, sole.Contains(Written.Over));
        }

        foreach (var _ in receivers) shared.Join();
        var isLost = true;
        try
        {
            var results = await WriteAsync(receivers, message, way, shared);
            isLost = false;
            // Those that took it may have ended since, in the hope of those that did not.
            foreach (var _ in results.Where(r => r != Written.Yes)) isLost |= shared.Lost(message) is not null;
            if (!isLost) way.WaitFor(keeping);
            return (results, isLost);
        }
        finally
        {
            // Nobody of these will say that it arrived.
            if (isLost) keeping?.Kept.Release();
        }
    }

    // Side by side: an account's resources that do not read make a sender wait for as long as one of them does, not for each in turn.
    private async ValueTask<Written[]> WriteAsync(Session[] to, Stanza stanza, Way way, Delivery? delivery = null) =>
        to.Length == 1 ? [await writer.WriteAsync(to[0], stanza, way.Sender, way.Table, delivery, way.Ct)]
        : await Task.WhenAll(to.Select(s => writer.WriteAsync(s, stanza, way.Sender, way.Table, delivery, way.Ct).AsTask()));

    private async ValueTask<Outcome> IqAsync(Iq iq, Way way)
    {
        if (way.To.IsBare)
        {
            if (!iq.IsRequest) return Outcome.Done; // an answer that nobody waits for
            if (!await ExistsAsync(way)) return Outcome.Refuse(StanzaCondition.ServiceUnavailable);
            return await InterceptAsync(iq, StanzaPoint.ToLocalAccount, way) ?? await iqs.AnswerAsync(iq, way.To, way.Addressee, way.Sender, way.Table, way.Ct);
        }

        if (sessions.Find(way.To) is not { } session) return Outcome.Refuse(StanzaCondition.ServiceUnavailable);
        if (iq.IsRequest && IqDispatcher.Find(iq, IqTarget.Session, null, way.Addressee.Domain, way.Table) is { } handler)
        {
            return await InterceptAsync(iq, StanzaPoint.ToSession, way, session) ?? await dispatcher.CallAsync(handler, new IqRequest(iq, way.Sender, way.Addressee.Domain), way.Ct);
        }

        return await writer.WriteAsync(session, iq, way.Sender, way.Table, null, way.Ct) == Written.Yes ? Outcome.Done : Outcome.Refuse(StanzaCondition.ServiceUnavailable);
    }

    private async ValueTask<Outcome?> InterceptAsync(Iq iq, StanzaPoint point, Way way, Session? session = null) =>
        await interceptors.RunAsync(iq, new StanzaContext(point, way.Sender, way.Addressee.Domain, session), way.Table, way.Ct) switch
        {
            Intercepted.Handled => Outcome.Done,
            Intercepted.Failed => Outcome.Refuse(StanzaCondition.InternalServerError),
            _ => null,
        };

    private async ValueTask<bool> ExistsAsync(Way way) =>
        !sessions.Of(way.To).IsEmpty || (way.Addressee.Kind == AddresseeKind.Account && await accounts.ExistsAsync(way.To.Bare, way.Ct));

    private sealed record Way(Jid To, Addressee Addressee, SenderInfo Sender, RoutingTable Table, DateTimeOffset? Received, Handling? Handling, CancellationToken Ct)
    {
        /// <summary>The sender's stanza counts as handled only once that is safe.</summary>
        public void WaitFor(KeptDelivery? keeping)
        {
            if (keeping is not null && Handling is not null) keeping.Kept.Before(Handling);
        }
    }
}
