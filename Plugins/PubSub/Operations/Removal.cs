using System.Data.Common;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Operations;

/// <summary>Deletes items, all items, and nodes (XEP-0060 sections 7.2, 8.4 and 8.5).</summary>
internal static class Removal
{
    /// <summary>Deletes items by name.</summary>
    public static Outcome Retract(DbConnection c, Scene scene, string name, IReadOnlyList<string?> items, bool isForced)
    {
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (items.Count == 0 || items.Any(string.IsNullOrEmpty)) return PubSubError.ItemRequired;
        if (!node.Config.PersistItems) return PubSubError.Unsupported("persistent-items");
        if (AccessRules.ToPublish(node.Config, who) is { } refusal) return refusal;
        foreach (var item in items)
        {
            if (ItemTable.Find(c, node.Id, item!, 0) is not { } there) return PubSubError.NoNode;
            if (who.Affiliation is not (Affiliation.Owner or Affiliation.Publisher) && there.Publisher.Bare != scene.From.Bare) return PubSubError.Forbidden;
        }

        foreach (var item in items) ItemTable.Remove(c, node.Id, item!);
        ItemTable.Weigh(c, node.Id);
        var content = new Element("items", PubSubNames.Event).Attr("node", name);
        foreach (var item in items) content.Add("retract", r => r.Attr("id", item));
        return new Outcome(Event: NodeEvent.Of(c, scene, node, content) with { Retracted = [.. items.Select(i => i!)], IsTold = isForced || node.Config.NotifyRetract });
    }

    /// <summary>Deletes all items.</summary>
    public static Outcome Purge(DbConnection c, Scene scene, string name)
    {
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (!who.IsOwner) return PubSubError.Forbidden;
        if (!node.Config.PersistItems) return PubSubError.Unsupported("persistent-items");
        var gone = ItemTable.Names(c, node.Id, 0);
        ItemTable.RemoveAll(c, node.Id);
        ItemTable.Weigh(c, node.Id);
        return new Outcome(Event: NodeEvent.Of(c, scene, node, new Element("purge", PubSubNames.Event).Attr("node", name)) with { Retracted = gone, IsTold = node.Config.NotifyRetract });
    }

    /// <summary>Deletes a node; <paramref name="redirect"/> says where it is to be found from now on.</summary>
    public static Outcome Delete(DbConnection c, Scene scene, string name, string? redirect)
    {
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (!who.IsOwner) return PubSubError.Forbidden;
        var content = new Element("delete", PubSubNames.Event).Attr("node", name);
        if (redirect is not null) content.Add("redirect", r => r.Attr("uri", redirect));
        var told = NodeEvent.Of(c, scene, node, content) with { Retracted = ItemTable.Names(c, node.Id, 0), IsTold = node.Config.NotifyDelete };
        NodeTable.Remove(c, node.Id);
        return new Outcome(Event: told);
    }
}
