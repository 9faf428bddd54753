using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Delivery;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Operations;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Requests;

/// <summary>Reads requests of XEP-0060 and runs what they ask for.</summary>
internal sealed class PubSubRequests(PubSubEngine engine, SerialWork work)
{
    /// <summary>Runs one.</summary>
    public async ValueTask<IqReply> RunAsync(IqRequest iq, Service service, CancellationToken ct)
    {
        var scene = await engine.SceneAsync(service, iq.From, iq.Sender.Kind, ct);
        var isGet = iq.Iq.Type == "get";
        var outcome = (iq.Payload.Namespace, isGet) switch
        {
            (PubSubNames.Namespace, true) => await GetAsync(scene, iq.Payload, ct),
            (PubSubNames.Namespace, false) => await SetAsync(scene, iq.Payload, ct),
            (_, true) => await OwnerGetAsync(scene, iq.Payload, ct),
            _ => await OwnerSetAsync(scene, iq.Payload, ct),
        };
        if (!isGet) await work.SlowDownAsync(service.Address, ct);
        return outcome.Error is { } error ? iq.Error(error.ToStanzaError()) : iq.Result(outcome.Payload);
    }

    private ValueTask<Outcome> GetAsync(Scene scene, Element pubsub, CancellationToken ct)
    {
        if (Child(pubsub) is not { } asked) return new(PubSubError.BadRequest);
        var name = asked["node"];
        switch (asked.Name)
        {
            case "items":
                return ItemsAsync(scene, pubsub, asked, ct);
            case "subscriptions":
                return engine.ReadAsync(c => Subscribing.Mine(c, scene, name), ct);
            case "affiliations":
                return engine.ReadAsync(c => Subscribing.MyAffiliations(c, scene, name), ct);
            case "options":
                return new(PubSubError.Unsupported("subscription-options"));
            case "default":
                return new(PubSubError.Unsupported("retrieve-default-sub"));
            default:
                return new(PubSubError.BadRequest);
        }
    }

    private ValueTask<Outcome> ItemsAsync(Scene scene, Element pubsub, Element items, CancellationToken ct)
    {
        if (items["node"] is not { Length: > 0 } name) return new(PubSubError.NoNodeName);
        int? max = null;
        if (items["max_items"] is { } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0) return new(PubSubError.BadRequest);
            max = number;
        }

        if (!ResultSetRequest.TryRead(pubsub, out var page)) return new(PubSubError.BadRequest);
        var isPaged = pubsub.Child("set", ResultSetRequest.Namespace) is not null;
        List<string> ids = [];
        foreach (var item in items.ChildrenNamed("item", PubSubNames.Namespace))
        {
            if (item["id"] is not { Length: > 0 } id) return new(PubSubError.BadRequest);
            ids.Add(id);
        }

        return engine.ReadAsync(c => Retrieval.Run(c, scene, name, ids, max, page, isPaged), ct);
    }

    private ValueTask<Outcome> SetAsync(Scene scene, Element pubsub, CancellationToken ct)
    {
        if (Child(pubsub) is not { } asked) return new(PubSubError.BadRequest);
        var name = asked["node"];
        if (asked.Name == "create")
        {
            if (name is { Length: > Parley.Xmpp.Core.Addressing.Jid.MaxPartBytes }) return new(PubSubError.BadRequest);
            var configure = pubsub.Child("configure");
            var form = configure is null ? null : DataForm.Within(configure);
            return engine.WriteAsync(scene, c => Management.Create(c, scene, name, form), ct);
        }

        if (asked.Name == "options") return new(PubSubError.Unsupported("subscription-options"));
        if (asked.Name is not ("publish" or "retract" or "subscribe" or "unsubscribe")) return new(PubSubError.BadRequest);
        if (string.IsNullOrEmpty(name)) return new(PubSubError.NoNodeName);
        if (name.Length > Parley.Xmpp.Core.Addressing.Jid.MaxPartBytes) return new(PubSubError.BadRequest);
        var items = asked.ChildrenNamed("item", PubSubNames.Namespace).ToList();
        switch (asked.Name)
        {
            case "publish":
                DataForm? options = null;
                if (pubsub.Child("publish-options") is { } given && (options = DataForm.Within(given)) is null) return new(PubSubError.BadRequest);
                return engine.WriteAsync(scene, c => Publishing.Run(c, scene, name, items, options), ct);
            case "retract":
                return engine.WriteAsync(scene, c => Removal.Retract(c, scene, name, [.. items.Select(i => i["id"])], asked["notify"] is "true" or "1"), ct);
            case "subscribe":
                return engine.WriteAsync(scene, c => Subscribing.Subscribe(c, scene, name, asked["jid"]), ct);
            default:
                return engine.WriteAsync(scene, c => Subscribing.Unsubscribe(c, scene, name, asked["jid"]), ct);
        }
    }

    private ValueTask<Outcome> OwnerGetAsync(Scene scene, Element pubsub, CancellationToken ct)
    {
        if (Child(pubsub) is not { } asked) return new(PubSubError.BadRequest);
        if (asked.Name == "default") return new(Management.ShowDefaults(scene));
        if (asked.Name is not ("configure" or "subscriptions" or "affiliations")) return new(PubSubError.BadRequest);
        if (asked["node"] is not { Length: > 0 } name) return new(PubSubError.NoNodeName);
        return engine.ReadAsync(c => asked.Name switch
        {
            "configure" => Management.ShowConfiguration(c, scene, name),
            "subscriptions" => People.ShowSubscriptions(c, scene, name),
            _ => People.ShowAffiliations(c, scene, name),
        }, ct);
    }

    private ValueTask<Outcome> OwnerSetAsync(Scene scene, Element pubsub, CancellationToken ct)
    {
        if (Child(pubsub) is not { } asked || asked.Name is not ("configure" or "delete" or "purge" or "subscriptions" or "affiliations")) return new(PubSubError.BadRequest);
        if (asked["node"] is not { Length: > 0 } name) return new(PubSubError.NoNodeName);
        return engine.WriteAsync(scene, c => asked.Name switch
        {
            "configure" => Management.Configure(c, scene, name, DataForm.Within(asked)),
            "delete" => Removal.Delete(c, scene, name, asked.Child("redirect")?["uri"]),
            "purge" => Removal.Purge(c, scene, name),
            "subscriptions" => People.SetSubscriptions(c, scene, name, asked.ChildrenNamed("subscription", PubSubNames.Owner)),
            _ => People.SetAffiliations(c, scene, name, asked.ChildrenNamed("affiliation", PubSubNames.Owner)),
        }, ct);
    }

    // What is asked comes first; what goes with it (configure, publish-options, set) has names of its own.
    private static Element? Child(Element pubsub) => pubsub.Children.FirstOrDefault(c => c.Namespace == pubsub.Namespace && !(c.Name is "publish-options" || (c.Name == "configure" && pubsub.Namespace == PubSubNames.Namespace)));
}
