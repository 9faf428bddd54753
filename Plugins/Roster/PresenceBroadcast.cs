using System.Collections.Concurrent;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Roster;

/// <summary>What follows from a session's own presence (RFC 6121 sections 4.2, 4.4 and 4.5): subscribers and the account's other resources are told; at first it is told of its contacts.</summary>
internal sealed class PresenceBroadcast(RosterState rosters, PresenceSender presence, ISessionDirectory sessions, IAccountStore accounts)
{
    // By session: who was told that it is available. The server says unavailable for every session that ends, so none is remembered for ever.
    private readonly ConcurrentDictionary<string, IReadOnlyList<Jid>> _told = new(StringComparer.Ordinal);

    /// <summary>Spreads one presence of a session.</summary>
    public async ValueTask SendAsync(Presence stanza, ISession session, CancellationToken ct)
    {
        var account = session.Jid.Bare;
        var items = await rosters.ReadAsync(account, ct);
        IReadOnlyList<Jid> subscribers = [.. items.Where(i => i.SubscribedFrom).Select(i => i.Contact)];
        var isInitial = !_told.TryRemove(session.Id, out var told);
        if (stanza.IsAvailable) _told[session.Id] = subscribers;
        // A removed account's roster went with it, but those who see it online must not do so for ever.
        else if (told is not null && items.Count == 0 && !await accounts.ExistsAsync(account, ct)) subscribers = told;

        foreach (var subscriber in subscribers) await presence.SendAsync(stanza, subscriber, ct);
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
