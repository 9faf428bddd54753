using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Components;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Federation.Outgoing;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Takes stanzas to where they are addressed (RFC 6120 section 10), and what comes of it back.</summary>
internal sealed class Router(
    XmppServerSettings settings, RoutingTableHolder tables, SessionRegistry sessions, SenderResolver senders, GuestPolicy guests, Interceptors interceptors,
    SessionWriter writer, ServerDelivery server, AccountDelivery accounts, ComponentDelivery components, ExternalComponents externals, OutgoingRoutes remotes, PendingIqs pending, ILogger<Router> log) : IStanzaRouter
{
    /// <inheritdoc/>
    public ValueTask RouteAsync(Stanza stanza, CancellationToken ct = default) => RouteAsync(stanza, null, ct);

    /// <summary>The same, where somebody waits for what must be on the disk before the stanza counts as handled.</summary>
    public async ValueTask RouteAsync(Stanza stanza, Handling? handling, CancellationToken ct)
    {
        if (stanza.From is null || stanza.To is null) throw new ArgumentException("A routed stanza has from and to.", nameof(stanza));
        var table = tables.Current;
        var sender = senders.Of(stanza.From, table);
        // The server's own voice (a served domain itself) comes from nowhere else.
        var from = Addressee.Of(stanza.From, settings, table);
        if (from.Kind is AddresseeKind.Component or AddresseeKind.Remote or AddresseeKind.Account)
        {
            var context = from.Kind == AddresseeKind.Account
                ? new StanzaContext(StanzaPoint.FromLocalAccount, sender, from.Domain)
                : new StanzaContext(StanzaPoint.FromRemote, sender, Addressee.Of(stanza.To, settings, table).Domain);
            (var intercepted, stanza) = await interceptors.PassAsync(stanza, context, table, ct);
            if (intercepted == Intercepted.Failed) await ReplyAsync(stanza, Outcome.Refuse(StanzaCondition.InternalServerError), ct);
            if (intercepted != Intercepted.Continue) return;
        }

        await DispatchAsync(stanza, sender, table, ct, handling: handling);
    }

    /// <summary>Delivers a stanza that has passed the point of its entry. An IQ without <c>to</c> is for its sender's own account.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="sender">What is known of its sender.</param>
    /// <param name="table">The table in force.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <param name="received">When this server had it first, where it waited since; null: now.</param>
    /// <param name="handling">Waits for what must be on the disk before the stanza counts as handled; null: nobody asks.</param>
    /// <returns>What came of it; its sender has been told.</returns>
    public async ValueTask<Outcome> DispatchAsync(Stanza stanza, SenderInfo sender, RoutingTable table, CancellationToken ct, DateTimeOffset? received = null, Handling? handling = null)
    {
        if (stanza is Iq { IsRequest: false } answer && pending.TryComplete(answer)) return Outcome.Done;
        if (stanza is Presence { Type: "unavailable", From: { Resource: not null } from, To: { } told }) (sessions.Find(from) ?? sessions.FindEnding(from))?.Directed.Forget(told);
        Outcome outcome;
        try
        {
            outcome = guests.Judge(stanza, sender, table) is { } refusal ? Outcome.Refuse(refusal) : await DeliverAsync(stanza, sender, table, received, handling, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            log.LogError(e, "Delivering a stanza failed");
            outcome = Outcome.Refuse(StanzaCondition.InternalServerError);
        }

        await ReplyAsync(stanza, outcome, ct);
        return outcome;
    }

    /// <summary>Whether an IQ answer was one that somebody here waits for; it is taken then.</summary>
    public bool TryAnswer(Iq answer) => pending.TryComplete(answer);

    /// <summary>Sends what an outcome means for a stanza back to its sender.</summary>
    public ValueTask ReplyAsync(Stanza stanza, in Outcome outcome, CancellationToken ct) =>
        outcome.ReplyTo(stanza) is { } reply ? ReturnAsync(reply, ct) : ValueTask.CompletedTask;

    private ValueTask<Outcome> DeliverAsync(Stanza stanza, SenderInfo sender, RoutingTable table, DateTimeOffset? received, Handling? handling, CancellationToken ct)
    {
        var to = Addressee.Of(stanza.To ?? stanza.From!, settings, table);
        return to.Kind switch
        {
            AddresseeKind.Server => server.DeliverAsync(stanza, to, sender, table, ct),
            AddresseeKind.Component when to.IsExternal => new(externals.Post(stanza, stanza.To!.Domain)),
            AddresseeKind.Component => new(components.Post(stanza, to.Component!, sender, reply => ReturnAsync(reply, CancellationToken.None))),
            AddresseeKind.Remote => new(remotes.Post(stanza)),
            _ => accounts.DeliverAsync(stanza, to, sender, table, received, handling, ct),
        };
    }

    // An answer goes straight to whoever asked, past every rule for what is unasked; if they are gone it has nowhere to go, and nobody to tell.
    private async ValueTask ReturnAsync(Stanza reply, CancellationToken ct)
    {
        if (reply.To is null || (reply is Iq answer && pending.TryComplete(answer))) return;
        var table = tables.Current;
        var sender = senders.Of(reply.From ?? reply.To.Bare, table);
        if (sessions.Find(reply.To) is { } session)
        {
            await writer.WriteAsync(session, reply, sender, table, null, ct);
            return;
        }

        // A subscription was sent in the account's name: whoever of it is there may see that it failed.
        if (reply is Presence && reply.To.IsBare)
        {
            foreach (var one in sessions.Of(reply.To).Where(s => s.IsAvailable)) await writer.WriteAsync(one, reply, sender, table, null, ct);
        }

        // Without a loop: an answer is an error or a result, which earn no answer of their own.
        var to = Addressee.Of(reply.To, settings, table);
        if (to.IsExternal) externals.Post(reply, reply.To.Domain);
        else if (to.Kind == AddresseeKind.Remote && reply.From is not null) remotes.Post(reply);
        else if (to.Kind == AddresseeKind.Component && reply.From is not null) components.Post(reply, to.Component!, sender, _ => ValueTask.CompletedTask);
    }
}
