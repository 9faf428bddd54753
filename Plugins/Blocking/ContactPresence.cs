using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Blocking;

/// <summary>Takes the user's presence from contacts that are blocked and gives it back to those that no longer are (XEP-0191 sections 3.3 and 3.4).</summary>
internal sealed class ContactPresence(IRosterStore rosters, ISessionDirectory sessions, IStanzaRouter router, OwnWord own)
{
    /// <summary>Says unavailable to contacts that <paramref name="after"/> blocks and <paramref name="before"/> did not.</summary>
    public async ValueTask WithdrawAsync(Jid account, BlockList before, BlockList after, CancellationToken ct)
    {
        ISession[] available = [.. sessions.Of(account).Where(s => s.IsAvailable)];
        if (available.Length == 0) return;
        foreach (var (to, item) in Concerned(await rosters.ReadAsync(account, ct), blocking: after, notBy: before))
        {
            if (!item.SubscribedFrom) continue;
            foreach (var session in available)
            {
                var gone = new Presence(new Element("presence", Ns.Client).Attr("from", session.Jid.ToString()).Attr("to", to.ToString()).Attr("type", "unavailable"));
                await router.RouteAsync(own.Say(gone), ct);
            }
        }
    }

    /// <summary>Sends the current presence to contacts that are blocked no more, and asks for theirs, which the user has missed.</summary>
    public async ValueTask ShowAsync(Jid account, BlockList before, BlockList after, CancellationToken ct)
    {
        ISession[] available = [.. sessions.Of(account).Where(s => s.IsAvailable)];
        if (available.Length == 0) return;
        foreach (var (to, item) in Concerned(await rosters.ReadAsync(account, ct), blocking: before, notBy: after))
        {
            foreach (var session in available)
            {
                if (item.SubscribedFrom && session.Presence is { } presence) await router.RouteAsync(presence.WithAddresses(to: to), ct);
                if (!item.SubscribedTo) continue;
                await router.RouteAsync(new Presence(new Element("presence", Ns.Client).Attr("from", session.Jid.ToString()).Attr("to", to.Bare.ToString()).Attr("type", "probe")), ct);
            }
        }
    }

    // A contact of whom one resource is blocked counts by that.
    private static IEnumerable<(Jid To, RosterItem Item)> Concerned(IReadOnlyList<RosterItem> items, BlockList blocking, BlockList notBy)
    {
        foreach (var item in items)
        {
            if (notBy.Contains(item.Contact)) continue;
            if (blocking.Contains(item.Contact))
            {
                yield return (item.Contact, item);
                continue;
            }

            foreach (var one in blocking.Items.Where(b => b.Resource is not null && b.Bare == item.Contact && !notBy.Contains(b))) yield return (one, item);
        }
    }
}
