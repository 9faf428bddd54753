using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Operations;
using Parley.Plugins.PubSub.Requests;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Component;

/// <summary>Answers disco#items: the nodes that whoever asks may read, page by page (XEP-0060 section 5.2, XEP-0059), and the items of one (section 5.5).</summary>
internal sealed class ServiceItems(NodeDiscovery nodes, PubSubEngine engine) : IIqHandler
{
    /// <summary>The most nodes on a page.</summary>
    public const int MostOnPage = 200;

    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!ServiceComponent.IsService(iq.To)) return iq.Error(StanzaCondition.ItemNotFound);
        var service = new Operations.Service(iq.To, false);
        if (iq.Payload["node"] is { } node)
        {
            if (await nodes.ItemsAsync(service, iq.From, node, ct) is not { } items) return iq.Error(StanzaCondition.ItemNotFound);
            return iq.Result(new Element("query", Ns.DiscoItems).Attr("node", node).Add(items.Select(i => new Element("item", Ns.DiscoItems).Attr("jid", i.Jid.ToString()).Attr("name", i.Name).Attr("node", i.Node))));
        }

        if (!ResultSetRequest.TryRead(iq.Payload, out var page)) return iq.Error(StanzaCondition.BadRequest);
        if (page.Index is not null) return iq.Error(StanzaCondition.FeatureNotImplemented); // XEP-0059 section 2.6 has it be optional
        var scene = await engine.SceneAsync(service, iq.From, iq.Sender.Kind, ct);
        var isPaged = iq.Payload.Child("set", ResultSetRequest.Namespace) is not null;
        return iq.Result(await engine.ReadAsync(c => List(c, scene, page, isPaged), ct));
    }

    private static Element List(System.Data.Common.DbConnection c, Scene scene, ResultSetRequest page, bool isPaged)
    {
        var (service, isAdmin) = (scene.Service.Address, scene.Relation.IsOwner);
        var limit = Math.Min(page.Max ?? MostOnPage, MostOnPage);
        var found = NodeTable.Readable(c, service, scene.From, isAdmin, page.After ?? "", page.Before, limit);
        var query = new Element("query", Ns.DiscoItems);
        foreach (var node in found) query.Add("item", e => e.Attr("jid", service.ToString()).Attr("node", node.Name).Attr("name", node.Config.Title));
        var (all, before) = NodeTable.CountReadable(c, service, scene.From, isAdmin, found.Count > 0 ? found[0].Name : null);
        if (isPaged || found.Count < all) query.Add(found.Count == 0 ? new ResultSetPage(null, null, Count: all).ToElement() : new ResultSetPage(found[0].Name, found[^1].Name, before, all).ToElement());
        return query;
    }
}
