using System.Data.Common;
using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Operations;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;

namespace Parley.Plugins.PubSub.Requests;

/// <summary>Nodes in service discovery (XEP-0060 sections 5.2 to 5.5): whoever may not read a node does not see it.</summary>
internal sealed class NodeDiscovery(PubSubEngine engine) : IAccountDiscovery
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DiscoItem>?> ItemsAsync(Jid account, Jid asker, string? node, CancellationToken ct) => ItemsAsync(new Service(account, true), asker, node, ct);

    /// <inheritdoc/>
    public ValueTask<DiscoInfo?> DescribeAsync(Jid account, Jid asker, string? node, CancellationToken ct) => node is null ? default : DescribeAsync(new Service(account, true), asker, node, ct);

    /// <summary>The nodes of a service, or the items of a node.</summary>
    public async ValueTask<IReadOnlyList<DiscoItem>?> ItemsAsync(Service service, Jid asker, string? node, CancellationToken ct)
    {
        var scene = await engine.SceneAsync(service, asker, SenderKind.Account, ct);
        return await engine.ReadAsync<IReadOnlyList<DiscoItem>?>(c =>
        {
            if (node is null) return [.. NodeTable.All(c, service.Address).Where(n => IsSeen(n, scene.WhoAt(c, n))).Select(n => new DiscoItem(service.Address, n.Config.Title, n.Name))];
            if (scene.Find(c, node) is not var (found, who) || !IsSeen(found, who)) return null;
            return [.. ItemTable.Names(c, found.Id, scene.NotBefore(found.Config)).Select(i => new DiscoItem(service.Address, i))];
        }, ct);
    }

    /// <summary>What a node is.</summary>
    public async ValueTask<DiscoInfo?> DescribeAsync(Service service, Jid asker, string node, CancellationToken ct)
    {
        var scene = await engine.SceneAsync(service, asker, SenderKind.Account, ct);
        return await engine.ReadAsync(c =>
        {
            if (scene.Find(c, node) is not var (found, who) || !IsSeen(found, who)) return null;
            return new DiscoInfo([new DiscoIdentity("pubsub", "leaf", found.Config.Title)], [PubSubNames.Namespace]) { Forms = [MetaData(c, scene, found)] };
        }, ct);
    }

    private static bool IsSeen(StoredNode node, in Standing who) => AccessRules.ToRead(node.Config, who) is null;

    // Section 5.4.
    private static DataForm MetaData(DbConnection c, Scene scene, StoredNode node)
    {
        var form = new DataForm("result", PubSubNames.MetaData);
        var config = node.Config;
        if (config.Title is not null) form.Add("pubsub#title", "text-single", config.Title);
        if (config.Description is not null) form.Add("pubsub#description", "text-single", config.Description);
        if (config.Language is not null) form.Add("pubsub#language", "list-single", config.Language);
        if (config.Type is not null) form.Add("pubsub#type", "text-single", config.Type);
        var owners = scene.Service.IsPersonal ? [scene.Service.Address] : PeopleTable.Affiliations(c, node.Id).Where(a => a.Value == Affiliation.Owner).Select(a => a.Key);
        return form.Add(new FormField("pubsub#owner", "jid-multi", [.. owners.Select(o => o.ToString())]))
            .Add("pubsub#creation_date", "text-single", node.Created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
            .Add("pubsub#access_model", "list-single", Terms.Spell(config.Access))
            .Add("pubsub#publish_model", "list-single", Terms.Spell(config.PublishModel))
            .Add("pubsub#max_items", "text-single", config.Keeps(scene.Limits.MaxItems).ToString(CultureInfo.InvariantCulture))
            .Add("pubsub#num_subscribers", "text-single", PeopleTable.Subscriptions(c, node.Id).Count(s => s.State == SubscriptionState.Subscribed).ToString(CultureInfo.InvariantCulture));
    }
}
