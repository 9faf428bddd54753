using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Operations;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Requests;

/// <summary>Lets other plugins read and publish in accounts' names.</summary>
internal sealed class PersonalEvents(PubSubEngine engine) : IPersonalEvents
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PersonalItem>?> ReadAsync(Jid account, string node, Jid asker, CancellationToken ct = default)
    {
        var scene = await engine.SceneAsync(new Service(account.Bare, true), asker, SenderKind.Account, ct);
        return await engine.ReadAsync<IReadOnlyList<PersonalItem>?>(c =>
        {
            if (scene.Find(c, node) is not var (found, who) || AccessRules.ToRead(found.Config, who) is not null) return null;
            return [.. ItemTable.Newest(c, found.Id, scene.Limits.MaxItems, scene.NotBefore(found.Config)).Reverse().Select(i => new PersonalItem(i.Id, i.Payload))];
        }, ct);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> PublishAsync(Jid account, string node, PersonalItem item, PersonalAccess? access = null, CancellationToken ct = default)
    {
        var scene = await OwnSceneAsync(account, ct);
        var element = new Element("item", PubSubNames.Namespace).Attr("id", item.Id).Add(item.Payload);
        var options = access is { } wanted ? Options(wanted) : null;
        return (await engine.WriteAsync(scene, c =>
        {
            // Of a node that is there, who reads it must be right; the rest is the owner's to choose.
            var isThere = options is not null && NodeTable.Find(c, scene.Service.Address, node) is not null;
            return Publishing.Run(c, scene, node, [element], isThere ? AccessOnly(options!) : options);
        }, ct)).Error is null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RetractAsync(Jid account, string node, string item, CancellationToken ct = default)
    {
        var scene = await OwnSceneAsync(account, ct);
        return (await engine.WriteAsync(scene, c => Removal.Retract(c, scene, node, [item], isForced: true), ct)).Error is null;
    }

    private ValueTask<Scene> OwnSceneAsync(Jid account, CancellationToken ct) => engine.SceneAsync(new Service(account.Bare, true), account.Bare, SenderKind.Account, ct);

    private static DataForm Options(PersonalAccess access)
    {
        var form = new DataForm("submit", PubSubNames.PublishOptions).Add("pubsub#access_model", "list-single", access == PersonalAccess.Open ? "open" : "whitelist");
        if (access != PersonalAccess.PrivateList) return form;
        return form.Add("pubsub#max_items", "text-single", "max").Add("pubsub#send_last_published_item", "list-single", "never");
    }

    private static DataForm AccessOnly(DataForm options) => new DataForm("submit", PubSubNames.PublishOptions).Add(options.Find("pubsub#access_model")!);
}
