using System.Data.Common;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Operations;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.PubSub.Delivery;

/// <summary>Sends the last item of nodes to a resource that came online and wants to hear of them (XEP-0163 section 4.3.3).</summary>
internal sealed class LastItems(PubSubEngine engine, IRosterStore rosters, IServerInfo server, Notifier notifier, SerialWork work)
{
    /// <summary>Sends those of the resource's own account, and of the contacts on this server whose presence it sees.</summary>
    public async ValueTask SendAsync(Jid resource, IReadOnlySet<string> wishes, CancellationToken ct)
    {
        if (wishes.Count == 0) return;
        var account = resource.Bare;
        var contacts = (await rosters.ReadAsync(account, ct)).Where(i => i.SubscribedTo && server.IsLocal(i.Contact)).Select(i => i.Contact);
        IReadOnlyList<Jid> all = [account, .. contacts];
        var having = await engine.ReadAsync<IReadOnlyList<Jid>>(c => [.. all.Where(a => NodeTable.Names(c, a).Any(wishes.Contains))], ct);
        foreach (var service in having) Post(service, resource, wishes);
    }

    /// <summary>Sends those of one account, behind everything that it told before.</summary>
    public void Post(Jid account, Jid resource, IReadOnlySet<string> wishes) => work.Post(account, ct => SendAsync(new Service(account, true), resource, wishes, ct));

    private async ValueTask SendAsync(Service service, Jid resource, IReadOnlySet<string> wishes, CancellationToken ct)
    {
        var scene = await engine.SceneAsync(service, resource, SenderKind.Account, ct);
        var items = await engine.ReadAsync(c => Read(c, scene, wishes), ct);
        foreach (var (config, content) in items) await notifier.SendAsync(service.Address, resource, config.NotificationType, content, null, ct);
    }

    private static List<(NodeConfig Config, Parley.Xmpp.Core.Xml.Element Content)> Read(DbConnection c, Scene scene, IReadOnlySet<string> wishes)
    {
        var found = new List<(NodeConfig, Parley.Xmpp.Core.Xml.Element)>();
        foreach (var name in NodeTable.Names(c, scene.Service.Address).Where(wishes.Contains))
        {
            if (scene.Find(c, name) is not var (node, who) || node.Config is not { SendLast: SendLast.OnSubAndPresence, DeliverNotifications: true }) continue;
            if (AccessRules.ToRead(node.Config, who) is null && Subscribing.LastOf(c, scene, node) is { } last) found.Add((node.Config, last));
        }

        return found;
    }
}
