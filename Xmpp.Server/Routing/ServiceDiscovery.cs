using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Answers service discovery (XEP-0030) from the routing table, where no plugin answers it.</summary>
internal sealed class ServiceDiscovery(IRosterStore rosters)
{
    private static readonly DiscoInfo Server = new([new DiscoIdentity("server", "im", "Parley")], []);
    private static readonly DiscoInfo Account = new([new DiscoIdentity("account", "registered")], []);
    private static readonly DiscoInfo Guest = new([new DiscoIdentity("account", "anonymous")], []);

    /// <summary>Whether a request is one of service discovery.</summary>
    public static bool IsAsked(Iq iq) => iq.Type == "get" && iq.Payload is { Name: "query", Namespace: Ns.DiscoInfo or Ns.DiscoItems };

    /// <summary>Answers for a served domain: its features, and the components as its items.</summary>
    public static Outcome OfServer(Iq iq, string domain, RoutingTable table)
    {
        if (iq.Payload!["node"] is not null) return Outcome.Refuse(StanzaCondition.ItemNotFound);
        if (iq.Payload.Namespace == Ns.DiscoInfo) return Info(iq, Server, Features(table, IqTarget.Server, null, domain));
        var items = table.Components.Values.Where(c => c.ParentDomain == domain && c.Owner.Serves(domain)).OrderBy(c => c.Domain, StringComparer.Ordinal)
            .Select(c => new DiscoItem(c.Domain, c.Component.Describe(c.Domain, null) is { Identities: [var first, ..] } ? first.Name : null));
        return Items(iq, items);
    }

    /// <summary>Answers for an account, to itself and to those who may see its presence; to others it looks like one that does not exist (XEP-0030 section 8).</summary>
    public async ValueTask<Outcome> OfAccountAsync(Iq iq, Jid account, string domain, RoutingTable table, CancellationToken ct)
    {
        var asker = iq.From!.Bare;
        if (asker != account && (await rosters.FindAsync(account, asker, ct))?.SubscribedFrom != true) return Outcome.Refuse(StanzaCondition.ServiceUnavailable);
        if (iq.Payload!["node"] is not null) return Outcome.Refuse(StanzaCondition.ItemNotFound);
        if (iq.Payload.Namespace == Ns.DiscoItems) return Items(iq, []);
        return Info(iq, account.Domain == domain ? Account : Guest, Features(table, IqTarget.Account, null, domain));
    }

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

    private static Outcome Info(Iq iq, DiscoInfo info, IEnumerable<string> more)
    {
        var query = new Element("query", Ns.DiscoInfo).Attr("node", iq.Payload!["node"]);
        foreach (var i in info.Identities) query.Add("identity", e => e.Attr("category", i.Category).Attr("type", i.Type).Attr("name", i.Name));
        var features = info.Features.Concat(more).Append(Ns.DiscoInfo).Append(Ns.DiscoItems);
        foreach (var f in features.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)) query.Add("feature", e => e.Attr("var", f));
        return Outcome.Reply(iq.Result(query));
    }

    private static Outcome Items(Iq iq, IEnumerable<DiscoItem> items)
    {
        var query = new Element("query", Ns.DiscoItems).Attr("node", iq.Payload!["node"]);
        foreach (var i in items) query.Add("item", e => e.Attr("jid", i.Jid.ToString()).Attr("name", i.Name).Attr("node", i.Node));
        return Outcome.Reply(iq.Result(query));
    }
}
