using System.Collections.Concurrent;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Roster;

/// <summary>What follows from a session's own presence (RFC 6121 sections 4.2, 4.4 and 4.5): subscribers and the account's other resources are told; at first it is told of its contacts.</summary>
internal sealed class PresenceBroadcast(RosterState rosters, PresenceSender presence, ISessionDirectory sessions)
{
    private readonly ConcurrentDictionary<string, bool> _announced = new(StringComparer.Ordinal);

    /// <summary>Spreads one presence of a session.</summary>
    public async ValueTask SendAsync(Presence stanza, ISession session, CancellationToken ct)
    {
        var account = session.Jid.Bare;
        // The server says unavailable for every session that ends, so none is remembered for ever.
        var isInitial = stanza.IsAvailable ? _announced.TryAdd(session.Id, true) : !_announced.TryRemove(session.Id, out _);
        var items = await rosters.ReadAsync(account, ct);
        foreach (var item in items)
        {
            if (item.SubscribedFrom) await presence.SendAsync(stanza, item.Contact, ct);
        }

        await presence.SendAsync(stanza, account, ct);
        if (stanza.IsAvailable && isInitial) await GreetAsync(session, items, ct);
    }

    private async ValueTask GreetAsync(ISession session, IReadOnlyList<RosterItem> items, CancellationToken ct)
    {
        foreach (var other in sessions.Of(session.Jid.Bare))
        {
            if (other.Id != session.Id && other.IsAvailable && other.Presence is { } theirs) await session.SendAsync(theirs.WithAddresses(to: session.Jid), ct);
        }

        foreach (var item in items)
        {
            if (item.SubscribedTo) await presence.SendAsync("probe", session.Jid, item.Contact, ct);
            if (item.PendingIn is not null) await session.SendAsync(new Presence(item.PendingIn), ct);
        }
    }
}
