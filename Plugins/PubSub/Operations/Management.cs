using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Operations;

/// <summary>Makes and configures nodes (XEP-0060 sections 8.1 to 8.3).</summary>
internal static class Management
{
    /// <summary>Makes a node; without a name it gets one (section 8.1.2).</summary>
    public static Outcome Create(DbConnection c, Scene scene, string? name, DataForm? configuration)
    {
        if (!scene.MayCreate) return PubSubError.Forbidden;
        var isInstant = string.IsNullOrEmpty(name);
        name = isInstant ? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)) : name!;
        if (NodeTable.Find(c, scene.Service.Address, name) is not null) return new PubSubError(StanzaCondition.Conflict);
        var config = scene.Service.DefaultsOf(name);
        if (configuration is not null)
        {
            if (scene.Service.Form.Apply(config, configuration, scene.Limits.MaxItems) is not { } wanted) return PubSubError.InvalidOptions;
            config = wanted;
        }

        Add(c, scene, name, config);
        return new Outcome(Payload: new Element("pubsub", PubSubNames.Namespace).Add("create", e => e.Attr("node", name)));
    }

    /// <summary>Makes a node that is not there, owned by whoever asks.</summary>
    /// <exception cref="RefusedException">There are too many.</exception>
    public static StoredNode Add(DbConnection c, Scene scene, string name, NodeConfig config)
    {
        var (service, limits) = (scene.Service, scene.Limits);
        var isFull = service.IsPersonal
            ? NodeTable.Totals(c, service.Address).Count >= limits.MaxNodes
            : NodeTable.Totals(c, service.Address).Count >= limits.ServiceNodes || (!scene.Relation.IsOwner && NodeTable.Totals(c, service.Address, scene.From).Count >= limits.NodesPerAccount);
        if (isFull) throw new RefusedException(new PubSubError(StanzaCondition.ResourceConstraint, "max-nodes-exceeded"));
        var node = NodeTable.Add(c, service.Address, service.IsPersonal ? null : scene.From, name, config, scene.Now);
        if (!service.IsPersonal) PeopleTable.Affiliate(c, node.Id, scene.From, Affiliation.Owner);
        return node;
    }

    /// <summary>Shows the form.</summary>
    public static Outcome ShowConfiguration(DbConnection c, Scene scene, string name)
    {
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (!who.IsOwner) return PubSubError.Forbidden;
        return new Outcome(Payload: new Element("pubsub", PubSubNames.Owner).Add("configure", e => e.Attr("node", name).Add(scene.Service.Form.Write(node.Config).ToElement())));
    }

    /// <summary>Shows the form of a node to be.</summary>
    public static Outcome ShowDefaults(Scene scene) =>
        scene.MayCreate
            ? new Outcome(Payload: new Element("pubsub", PubSubNames.Owner).Add("default", e => e.Add(scene.Service.Form.Write(scene.Service.DefaultsOf(null)).ToElement())))
            : PubSubError.Forbidden;

    /// <summary>Takes a form that was filled in.</summary>
    public static Outcome Configure(DbConnection c, Scene scene, string name, DataForm? form)
    {
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (!who.IsOwner) return PubSubError.Forbidden;
        if (form is null) return PubSubError.BadRequest;
        if (form.Type == "cancel") return Outcome.Done;
        if (form.Type != "submit" || scene.Service.Form.Apply(node.Config, form, scene.Limits.MaxItems) is not { } config) return PubSubError.InvalidOptions;
        NodeTable.Configure(c, node.Id, config);
        ItemTable.Trim(c, node.Id, config.Keeps(scene.Limits.MaxItems), scene.NotBefore(config));
        ItemTable.Weigh(c, node.Id);
        if (!config.NotifyConfig) return Outcome.Done;
        var content = new Element("configuration", PubSubNames.Event).Attr("node", name);
        if (config.DeliverPayloads) content.Add(scene.Service.Form.Write(config, "result").ToElement());
        return new Outcome(Event: NodeEvent.Of(c, scene, node with { Config = config }, content));
    }
}
