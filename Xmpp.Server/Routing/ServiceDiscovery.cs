using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Answers service discovery (XEP-0030) from the routing table, where no plugin answers it.</summary>
internal sealed class ServiceDiscovery(IRosterStore rosters, XmppServerSettings settings, IContributions<IAccountDiscovery>? plugins = null)
{
    private static readonly DiscoInfo Server = new([new DiscoIdentity("server", "im", "Parley")], []);
    private static readonly DiscoInfo Account = new([new DiscoIdentity("account", "registered")], []);
    private static readonly DiscoInfo Guest = new([new DiscoIdentity("account", "anonymous")], []);

    /// <summary>Whether a request is one of service discovery.</summary>
    public static bool IsAsked(Iq iq) => iq.Type == "get" && iq.Payload is { Name: "query", Namespace: Ns.DiscoInfo or Ns.DiscoItems };

    /// <summary>Answers for a served domain: its features, and the components as its items.</summary>
    public Outcome OfServer(Iq iq, string domain, RoutingTable table)
    {
        if (iq.Payload!["node"] is { } node && !(iq.Payload.Namespace == Ns.DiscoInfo && ServerCapabilities.Of(domain, table).IsNode(node))) return Outcome.Refuse(StanzaCondition.ItemNotFound);
        if (iq.Payload.Namespace == Ns.DiscoInfo) return Outcome.Reply(iq.Result(DescribeServer(domain, table).Attr("node", iq.Payload["node"])));
        var described = table.Components.Values.Where(c => c.ParentDomain == domain && c.Owner.Serves(domain)).Select(c => (c.Domain, Identity: c.Component.Describe(c.Domain, null) is { Identities: [var first, ..] } ? first : null)).ToList();
        // Chat rooms come first: of all services with the category "conference" Dino takes the first to make its rooms at, and one for calls is none for rooms.
        var chat = described.Where(d => d.Identity is { Category: "conference", Type: "text" }).Select(d => d.Domain).ToHashSet();
        var items = described.Select(d => new DiscoItem(d.Domain, d.Identity?.Name));
        // External ones whether they are connected or not: clients ask once, and one that is away comes back.
        var externals = settings.ComponentDomains.Where(d => settings.ParentOfComponent(d) == domain).Select(d => new DiscoItem(d));
        return Items(iq, items.Concat(externals).OrderByDescending(i => chat.Contains(i.Jid.Domain)).ThenBy(i => i.Jid.Domain, StringComparer.Ordinal));
    }

    /// <summary>What a served domain answers to disco#info, whoever asks.</summary>
    public static Element DescribeServer(string domain, RoutingTable table) => (WithIdentities(Server, table, IqTarget.Server, domain) with { Forms = FormsOf(domain, table) }).ToElement(null, Features(table, IqTarget.Server, null, domain).Append(Ns.Caps).Append(Ns.Caps2));

    /// <summary>Answers for an account, to itself and to those who may see its presence; to others it looks like one that does not exist (XEP-0030 section 8).</summary>
    public async ValueTask<Outcome> OfAccountAsync(Iq iq, Jid account, string domain, RoutingTable table, CancellationToken ct)
    {
        var asker = iq.From!.Bare;
        if (asker != account && (await rosters.FindAsync(account, asker, ct))?.SubscribedFrom != true) return Outcome.Refuse(StanzaCondition.ServiceUnavailable);
        if (account.Domain != domain) return OfGuest(iq, domain, table);
        var node = iq.Payload!["node"];
        if (iq.Payload.Namespace == Ns.DiscoItems) return await ItemsOfAsync(iq, account, node, ct);
        if (node is not null) return await DescribeAsync(iq, account, node, ct) is { } info ? Info(iq, info, []) : Outcome.Refuse(StanzaCondition.ItemNotFound);
        return Info(iq, await WithPluginsAsync(WithIdentities(Account, table, IqTarget.Account, domain), iq, account, ct), Features(table, IqTarget.Account, null, domain));
    }

    private async ValueTask<DiscoInfo> WithPluginsAsync(DiscoInfo info, Iq iq, Jid account, CancellationToken ct)
    {
        foreach (var plugin in plugins?.Items ?? [])
        {
            if (await plugin.DescribeAsync(account, iq.From!, null, ct) is not { } more) continue;
            info = new DiscoInfo([.. info.Identities, .. more.Identities], [.. info.Features, .. more.Features]) { Forms = [.. info.Forms, .. more.Forms] };
        }

        return info;
    }

    private static Outcome OfGuest(Iq iq, string domain, RoutingTable table)
    {
        if (iq.Payload!["node"] is not null) return Outcome.Refuse(StanzaCondition.ItemNotFound);
        return iq.Payload.Namespace == Ns.DiscoItems ? Items(iq, []) : Info(iq, Guest, Features(table, IqTarget.Account, null, domain));
    }

    private async ValueTask<Outcome> ItemsOfAsync(Iq iq, Jid account, string? node, CancellationToken ct)
    {
        List<DiscoItem>? items = node is null ? [] : null;
        foreach (var plugin in plugins?.Items ?? [])
        {
            if (await plugin.ItemsAsync(account, iq.From!, node, ct) is { } some) (items ??= []).AddRange(some);
        }

        return items is null ? Outcome.Refuse(StanzaCondition.ItemNotFound) : Items(iq, items);
    }

    private async ValueTask<DiscoInfo?> DescribeAsync(Iq iq, Jid account, string node, CancellationToken ct)
    {
        foreach (var plugin in plugins?.Items ?? [])
        {
            if (await plugin.DescribeAsync(account, iq.From!, node, ct) is { } info) return info;
        }

        return null;
    }

    private static DiscoInfo WithIdentities(DiscoInfo info, RoutingTable table, IqTarget target, string domain) =>
        info with { Identities = [.. info.Identities, .. table.Identities.Where(i => i.Target == target && i.Owner.Serves(domain)).Select(i => i.Identity)] };

    /// <summary>Answers for a component or an address of it.</summary>
    public static Outcome OfComponent(Iq iq, ComponentRegistration component, RoutingTable table)
    {
        var (address, node) = (iq.To!, iq.Payload!["node"]);
        if (component.Component.Describe(address, node) is not { } info) return Outcome.Refuse(StanzaCondition.ItemNotFound);
        return iq.Payload.Namespace == Ns.DiscoItems
            ? Items(iq, component.Component.Items(address, node))
            : Info(iq, info, Features(table, IqTarget.Component, component.Name, component.ParentDomain));
    }

    // What the table says: the namespaces of the handlers there are, and features declared without one.
    private static IEnumerable<string> Features(RoutingTable table, IqTarget target, string? component, string domain) =>
        table.Iqs.Where(p => p.Key.Target == target && p.Key.Component == component && p.Value.Any(r => r.Owner.Serves(domain))).Select(p => p.Key.Namespace)
            .Concat(table.Features.Where(f => f.Target == target && target != IqTarget.Component && f.Owner.Serves(domain)).Select(f => f.Feature));

    private static List<DataForm> FormsOf(string domain, RoutingTable table) => [.. table.Forms.Where(f => f.Owner.Serves(domain)).SelectMany(f => f.Source.Of(domain))];

    private static Outcome Info(Iq iq, DiscoInfo info, IEnumerable<string> more) => Outcome.Reply(iq.Result(info.ToElement(iq.Payload!["node"], more)));

    private static Outcome Items(Iq iq, IEnumerable<DiscoItem> items)
    {
        var query = new Element("query", Ns.DiscoItems).Attr("node", iq.Payload!["node"]);
        foreach (var i in items) query.Add("item", e => e.Attr("jid", i.Jid.ToString()).Attr("name", i.Name).Attr("node", i.Node));
        return Outcome.Reply(iq.Result(query));
    }
}
