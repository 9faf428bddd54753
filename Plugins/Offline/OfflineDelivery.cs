using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Offline;

/// <summary>Writes kept messages to a session, oldest first, each stamped with when it came (XEP-0203), and forgets them. Each account by itself, so that two resources never receive the same ones.</summary>
internal sealed class OfflineDelivery(IOfflineStore store)
{
    private const int BatchSize = 100;
    private readonly AccountLocks _locks = new();

    /// <summary>Whether a session receives messages to its account (RFC 6121 section 8.5.2.1.1).</summary>
    public static bool IsReceiver(ISession session) => session.IsAvailable && session.Presence?.Priority >= 0;

    /// <summary>Delivers all that is kept.</summary>
    public async ValueTask DeliverAsync(ISession session, CancellationToken ct)
    {
        var account = session.Jid.Bare;
        using var turn = await _locks.EnterAsync(account, ct);
        while (session.IsAvailable)
        {
            var kept = await store.ReadAsync(account, BatchSize, ct);
            if (kept.Count == 0) return;
            foreach (var (_, message, received) in kept) await session.SendAsync(Stamp(message, account.Domain, received), ct);
            // A session that broke off received an unknown part of them: rather twice than never.
            if (!session.IsAvailable) return;
            await store.RemoveAsync(account, [.. kept.Select(k => k.Id)], ct);
        }
    }

    private static Message Stamp(Message message, string domain, DateTimeOffset received)
    {
        // What claims to be this server's own stamp is not: it came with the message.
        var stamped = message.Element.CopyWithout(c => c.Is("delay", Ns.Delay) && c["from"] == domain);
        return new Message(stamped.Add(new Element("delay", Ns.Delay)
            .Attr("from", domain)
            .Attr("stamp", received.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))
            .Text("Offline Storage")));
    }
}
