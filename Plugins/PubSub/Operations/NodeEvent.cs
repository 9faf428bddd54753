using System.Data.Common;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Operations;

/// <summary>Something that happened at a node, and for whom it is. Everything that tells for whom is read with the change, so that a node that is gone by then can still be told of.</summary>
/// <param name="Service">Where.</param>
/// <param name="Node">The node's name.</param>
/// <param name="Config">Its configuration.</param>
/// <param name="Content">The child of the <c>event</c>.</param>
/// <param name="Publisher">Who did it.</param>
internal sealed record NodeEvent(Service Service, string Node, NodeConfig Config, Element Content, Jid Publisher)
{
    /// <summary>The explicit subscribers.</summary>
    public IReadOnlyList<Jid> Subscribers { get; init; } = [];

    /// <summary>The affiliations that are not none.</summary>
    public IReadOnlyDictionary<Jid, Affiliation> Affiliations { get; init; } = new Dictionary<Jid, Affiliation>();

    /// <summary>Whether anybody but this server's plugins is told.</summary>
    public bool IsTold { get; init; } = true;

    /// <summary>The items that were published.</summary>
    public IReadOnlyList<PersonalItem> Published { get; init; } = [];

    /// <summary>The names of items that are gone.</summary>
    public IReadOnlyList<string> Retracted { get; init; } = [];

    /// <summary>An event of a node as it is in the database now.</summary>
    public static NodeEvent Of(DbConnection c, Scene scene, StoredNode node, Element content) => new(scene.Service, node.Name, node.Config, content, scene.From)
    {
        Subscribers = [.. PeopleTable.Subscriptions(c, node.Id).Where(s => s.State == SubscriptionState.Subscribed).Select(s => s.Jid)],
        Affiliations = PeopleTable.Affiliations(c, node.Id),
    };

    /// <summary>The <c>items</c> of an event, with payloads where the node delivers them.</summary>
    public static Element Items(string node, NodeConfig config, IEnumerable<(string Id, Element? Payload, Jid Publisher)> items)
    {
        var element = new Element("items", PubSubNames.Event).Attr("node", node);
        foreach (var (id, payload, publisher) in items)
        {
            element.Add("item", i => i.Attr("id", id).Attr("publisher", config.ItemReply == ItemReply.Publisher ? publisher.Bare.ToString() : null).Add(config.DeliverPayloads ? payload : null));
        }

        return element;
    }
}
