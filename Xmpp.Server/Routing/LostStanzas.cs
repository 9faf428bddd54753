using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>
/// Does with what a client never had as with what is sent to a resource that is not there (XEP-0198 section 4): a message goes to the account's other resources or its
/// offline storage with the time at which it first came, a request is answered. A call that nobody makes any more rings nowhere. Presence, answers and copies of messages (XEP-0280) are of no use to anybody else.
/// </summary>
internal sealed class LostStanzas(Router router, RoutingTableHolder tables, SenderResolver senders, KeptMessages kept, TimeProvider time, ILogger<LostStanzas> log)
{
    // What was routed anew and may be lost again.
    private readonly ConditionalWeakTable<Stanza, StrongBox<DateTimeOffset>> _first = [];

    /// <summary>Routes what a session's client never had, in order.</summary>
    public async ValueTask RouteAnewAsync(Jid session, IReadOnlyList<Undelivered> all)
    {
        var stale = StaleCalls.Find(session.Bare, [.. all.Select(u => (u.Stanza, u.Since))], time.GetUtcNow());
        for (var i = 0; i < all.Count; i++)
        {
            var (stanza, since, delivery) = all[i];
            try
            {
                if (stale.Contains(i)) Forget(stanza, delivery);
                else if ((delivery is null ? stanza : delivery.Lost(stanza)) is { } lost) await RouteAnewAsync(lost, session, since);
            }
            catch (Exception e)
            {
                log.LogError(e, "What a client never had could not be routed elsewhere");
            }
        }
    }

    private async ValueTask RouteAnewAsync(Stanza stanza, Jid session, DateTimeOffset since)
    {
        if (stanza is Iq { IsRequest: true }) await router.ReplyAsync(stanza, Outcome.Refuse(StanzaCondition.ServiceUnavailable), CancellationToken.None);
        if (stanza is not Message { From: { } from, To: not null } message || IsCopy(message, session)) return;
        var table = tables.Current;
        if (_first.TryGetValue(message, out var first)) since = first.Value;
        var late = DelayStamp.Add(message, session.Domain, since);
        _first.Add(late, new StrongBox<DateTimeOffset>(since));
        var former = kept.Find(message);
        if (former is not null) kept.Know(late, former);
        var outcome = await router.DispatchAsync(late, senders.Of(from, table), table, CancellationToken.None, since);
        // What only failed here is tried again at the next start.
        if (outcome.Error?.Condition != StanzaCondition.InternalServerError) former?.Release();
    }

    private void Forget(Stanza stanza, Delivery? delivery)
    {
        delivery?.Arrived();
        kept.Find(stanza)?.Arrived();
    }

    private static bool IsCopy(Message message, Jid session) => message.From == session.Bare
        && message.Element.Children.Any(c => c.Namespace == Ns.Carbons && c.Name is "sent" or "received");
}
