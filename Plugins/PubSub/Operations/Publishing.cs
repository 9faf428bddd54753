using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Operations;

/// <summary>Publishes items (XEP-0060 section 7.1), making the node if need be.</summary>
internal static class Publishing
{
    /// <summary>The most items in one request.</summary>
    public const int MaxBatch = 100;

    /// <summary>Publishes.</summary>
    /// <param name="c">The connection, in a transaction.</param>
    /// <param name="scene">Who and where.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="items">The <c>item</c> elements.</param>
    /// <param name="options">Preconditions; null for none.</param>
    /// <exception cref="RefusedException">The service is full; what was written must be undone.</exception>
    public static Outcome Run(DbConnection c, Scene scene, string name, IReadOnlyList<Element> items, DataForm? options)
    {
        var found = scene.Find(c, name);
        if (found is { } there)
        {
            if (AccessRules.ToPublish(there.Node.Config, there.Who) is { } refusal) return refusal;
            if (options is not null && !scene.Service.Form.Meets(there.Node.Config, options, scene.Limits.MaxItems)) return PubSubError.PreconditionNotMet;
        }

        var config = found?.Node.Config ?? NewConfig(scene, name, options);
        if (config is null) return scene.MayCreate ? PubSubError.PreconditionNotMet : PubSubError.NoNode;
        if (Judge(config, items, scene.Limits) is { } fault) return fault;

        var node = found?.Node ?? Management.Add(c, scene, name, config);
        var published = new List<PersonalItem>();
        foreach (var item in items)
        {
            var id = item["id"] is { Length: > 0 } given ? given : Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
            var payload = item.Children.FirstOrDefault();
            if (found is { } f && IsOthers(c, scene, f.Node, f.Who, id)) return PubSubError.Forbidden;
            published.Add(new PersonalItem(id, payload));
        }

        if (config.PersistItems) Keep(c, scene, node, published);
        var content = published.Count == 0 ? new Element("items", PubSubNames.Event).Attr("node", name) : NodeEvent.Items(name, config, published.Select(p => (p.Id, p.Payload, scene.From)));
        return new Outcome(
            Payload: new Element("pubsub", PubSubNames.Namespace).Add("publish", p => p.Attr("node", name).Add(published.Select(i => new Element("item", PubSubNames.Namespace).Attr("id", i.Id)))),
            Event: NodeEvent.Of(c, scene, node, content) with { Published = published, IsTold = config.DeliverNotifications });
    }

    private static NodeConfig? NewConfig(Scene scene, string name, DataForm? options)
    {
        if (!scene.MayCreate) return null;
        var defaults = scene.Service.DefaultsOf(name);
        return options is null ? defaults : scene.Service.Form.ApplyPreconditions(defaults, options, scene.Limits.MaxItems);
    }

    // Section 7.1.3: what the kind of node asks of its items.
    private static PubSubError? Judge(NodeConfig config, IReadOnlyList<Element> items, PubSubOptions limits)
    {
        if (items.Count > MaxBatch) return new PubSubError(StanzaCondition.NotAllowed, "max-items-exceeded");
        if (items.Count == 0) return config.PersistItems || config.DeliverPayloads ? PubSubError.ItemRequired : null;
        if (!config.PersistItems && !config.DeliverPayloads) return new PubSubError(StanzaCondition.BadRequest, "item-forbidden");
        foreach (var item in items)
        {
            if (item["id"] is { Length: > Jid.MaxPartBytes }) return PubSubError.BadRequest;
            var payloads = item.Children.Take(2).ToList();
            if (payloads.Count == 0 && config.DeliverPayloads) return new PubSubError(StanzaCondition.BadRequest, "payload-required");
            if (payloads.Count > 1) return PubSubError.InvalidPayload;
            if (payloads.Count == 0) continue;
            var bytes = StoredPayload.Write(payloads[0]);
            if (bytes.Length > limits.MaxItemBytes) return new PubSubError(StanzaCondition.NotAcceptable, "payload-too-big");
            if (StoredPayload.Read(bytes) is null) return PubSubError.InvalidPayload; // it could be kept, but never shown again
        }

        return null;
    }

    // Who publishes because everybody may, or subscribers may, does not replace what somebody else published.
    private static bool IsOthers(DbConnection c, Scene scene, StoredNode node, in Standing who, string item) =>
        who.Affiliation is not (Affiliation.Owner or Affiliation.Publisher) && ItemTable.Find(c, node.Id, item, 0) is { } there && there.Publisher.Bare != scene.From.Bare;

    private static void Keep(DbConnection c, Scene scene, StoredNode node, List<PersonalItem> items)
    {
        foreach (var item in items) ItemTable.Put(c, node.Id, item.Id, item.Payload is null ? null : StoredPayload.Write(item.Payload), scene.From, scene.Now);
        ItemTable.Trim(c, node.Id, node.Config.Keeps(scene.Limits.MaxItems), scene.NotBefore(node.Config));
        ItemTable.Weigh(c, node.Id);
        if (IsFull(c, scene, node)) throw new RefusedException(new PubSubError(StanzaCondition.ResourceConstraint));
    }

    // At a component whoever made a node answers for what is in it, whoever publishes.
    private static bool IsFull(DbConnection c, Scene scene, StoredNode node)
    {
        var (service, limits) = (scene.Service.Address, scene.Limits);
        if (scene.Service.IsPersonal) return NodeTable.Totals(c, service).Bytes > limits.MaxBytes;
        return NodeTable.Totals(c, service).Bytes > limits.ServiceBytes || (NodeTable.CreatorOf(c, node.Id) is { } creator && NodeTable.Totals(c, service, creator).Bytes > limits.MaxBytes);
    }
}

/// <summary>Refuses an operation that has written already; the transaction is undone by it.</summary>
internal sealed class RefusedException(PubSubError error) : Exception
{
    public PubSubError Error { get; } = error;
}
