using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Registration.Invites;

/// <summary>Makes a newcomer and whoever invited them contacts of one another (XEP-0401 section 4).</summary>
internal sealed class Friendship(IRosterStore rosters, ISessionDirectory sessions, IStanzaRouter router)
{
    // An invitation is no way around the bound of a roster for ever.
    private const int MaxContacts = 10_000;
    private long _pushes;

    /// <summary>Between two accounts of this server: both see one another from now on.</summary>
    public async ValueTask MakeAsync(Jid inviter, Jid newcomer, CancellationToken ct)
    {
        if ((await rosters.ReadAsync(inviter, ct)).Count >= MaxContacts) return;
        await rosters.WriteAsync(newcomer, new RosterItem(inviter, "", [], SubscribedTo: true, SubscribedFrom: true, PendingOut: false, PendingIn: null), ct);
        await WriteAsync(inviter, newcomer, i => i with { SubscribedTo = true, SubscribedFrom = true, PendingOut = false, PendingIn = null }, ct);
    }

    /// <summary>For somebody with an account elsewhere who asks for a subscription: it is approved in advance, and asked for in return (XEP-0379 section 3.4).</summary>
    public async ValueTask ExpectAsync(Jid inviter, Jid contact, CancellationToken ct)
    {
        if ((await rosters.ReadAsync(inviter, ct)).Count >= MaxContacts) return;
        var isNew = (await rosters.FindAsync(inviter, contact, ct))?.SubscribedTo != true;
        await WriteAsync(inviter, contact, i => i with { PreApproved = !i.SubscribedFrom, PendingOut = isNew || i.PendingOut }, ct);
        if (!isNew) return;
        await router.RouteAsync(new Presence(new Element("presence", Ns.Client).Attr("from", inviter.ToString()).Attr("to", contact.ToString()).Attr("type", "subscribe")), ct);
    }

    private async ValueTask WriteAsync(Jid account, Jid contact, Func<RosterItem, RosterItem> change, CancellationToken ct)
    {
        var item = change(await rosters.FindAsync(account, contact, ct) ?? new RosterItem(contact, "", [], false, false, false, null)) is var changed && changed.Name is null ? changed with { Name = "" } : changed;
        await rosters.WriteAsync(account, item, ct);
        var subscription = (item.SubscribedTo, item.SubscribedFrom) switch { (true, true) => "both", (true, false) => "to", (false, true) => "from", _ => "none" };
        var push = new Element("query", Ns.Roster).Add("item", e => e.Attr("jid", contact.ToString()).Attr("subscription", subscription)
            .Attr("name", item.Name is { Length: > 0 } name ? name : null).Attr("ask", item.PendingOut ? "subscribe" : null).Attr("approved", item.PreApproved ? "true" : null)
            .Add(item.Groups.Select(g => new Element("group", Ns.Roster).Text(g)))).Freeze();
        foreach (var session in sessions.Of(account).Where(s => s.IsInterested))
        {
            await session.SendAsync(Iq.Request("set", "invited" + Interlocked.Increment(ref _pushes).ToString(CultureInfo.InvariantCulture), null, session.Jid, push), ct);
        }
    }
}
