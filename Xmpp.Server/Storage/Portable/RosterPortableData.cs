using System.Runtime.CompilerServices;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>Rosters and requests that wait for an answer (XEP-0227 sections 4.4 and 4.9).</summary>
internal sealed class RosterPortableData(IRosterStore rosters) : IPortableData
{
    private static readonly PortableElement Roster = new("query", Ns.Roster, IsList: true);
    private static readonly PortableElement Request = new("presence", Ns.Client, IsList: false);

    // Prosody 0.12 writes requests in the file's own namespace.
    private static readonly PortableElement ProsodyRequest = new("presence", PortableNames.Pie, IsList: false);

    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [Roster, Request, ProsodyRequest];

    /// <inheritdoc/>
    public async IAsyncEnumerable<Element> ExportAsync(Jid account, PortableElement element, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var item in await rosters.ReadAsync(account, ct))
        {
            if (element == Request && item.PendingIn is { } request) yield return request;
            if (element == Roster && !IsRequestOnly(item)) yield return Write(item);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ImportAsync(Jid account, PortableElement element, IReadOnlyList<Element> pieces, CancellationToken ct)
    {
        var items = pieces.Select(p => element == Roster ? Read(p) : ReadRequest(p)).OfType<RosterItem>().Where(i => i.Contact != account).ToList();
        var known = (await rosters.ReadAsync(account, ct)).ToDictionary(i => i.Contact);
        var changed = new Dictionary<Jid, RosterItem>();
        foreach (var item in items)
        {
            if (!known.TryGetValue(item.Contact, out var old)) old = null;
            var merged = old is null ? item
                : item.PendingIn is not null ? (old.PendingIn is null && !old.SubscribedFrom ? old with { PendingIn = item.PendingIn } : old)
                : IsRequestOnly(old) ? item with { PendingIn = item.SubscribedFrom ? null : old.PendingIn } : old;
            if (merged == old) continue;
            known[item.Contact] = changed[item.Contact] = merged;
        }

        // Side by side, for one commit.
        await Task.WhenAll(changed.Values.Select(i => rosters.WriteAsync(account, i, ct).AsTask()));
        return changed.Count;
    }

    private static bool IsRequestOnly(RosterItem item) =>
        item is { PendingIn: not null, SubscribedTo: false, SubscribedFrom: false, PendingOut: false, PreApproved: false, Name: null, Groups.Count: 0 };

    private static Element Write(RosterItem item) => new Element("item", Ns.Roster)
        .Attr("jid", item.Contact.ToString())
        .Attr("name", item.Name)
        .Attr("subscription", (item.SubscribedTo, item.SubscribedFrom) switch { (true, true) => "both", (true, false) => "to", (false, true) => "from", _ => "none" })
        .Attr("ask", item.PendingOut ? "subscribe" : null)
        .Attr("approved", item.PreApproved ? "true" : null)
        .Add(item.Groups.Select(g => new Element("group", Ns.Roster).Text(g)));

    private static RosterItem? Read(Element item)
    {
        if (item.Name != "item") throw new FormatException($"<{item.Name}/> is no roster item");
        if (!Jid.TryParse(item["jid"] ?? "", out var contact)) throw new FormatException("a roster item without an address");
        var (to, from) = item["subscription"] switch
        {
            "both" => (true, true),
            "to" => (true, false),
            "from" => (false, true),
            null or "none" or "remove" => (false, false),
            var other => throw new FormatException($"\"{other}\" is no subscription"),
        };
        if (item["subscription"] == "remove") return null;
        var name = item["name"] is { Length: > 0 } given ? given : null;
        return new RosterItem(contact.Bare, name, [.. item.ChildrenNamed("group", Ns.Roster).Select(g => g.Value).Where(g => g.Length > 0).Distinct()], to, from, item["ask"] == "subscribe" && !to, null, item["approved"] is "true" or "1" && !from);
    }

    private static RosterItem? ReadRequest(Element presence)
    {
        if (presence["type"] != "subscribe") return null;
        if (!Jid.TryParse(presence["from"] ?? "", out var contact)) throw new FormatException("a subscription request without an address");
        return new RosterItem(contact.Bare, null, [], false, false, false, presence.Namespace == Ns.Client ? presence : Move(presence));
    }

    private static Element Move(Element presence)
    {
        var moved = new Element(presence.Name, Ns.Client);
        foreach (var a in presence.Attributes) moved.Attr(a.Name, a.Value, a.Namespace);
        foreach (var child in presence.Children) moved.Add(child.Namespace == presence.Namespace ? new Element(child.Name, Ns.Client).Text(child.Value) : child);
        return moved.Freeze();
    }
}
