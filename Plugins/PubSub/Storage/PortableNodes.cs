using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Operations;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Storage;

/// <summary>Nodes in portable files (XEP-0227 section 4.8): first how they are configured, then their items.</summary>
internal sealed class PortableNodes(IPluginDatabase database, IOptionsMonitor<PubSubOptions> options, TimeProvider time) : IPortableData
{
    private const int ItemsAPiece = 20;

    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [new("pubsub", PubSubNames.Owner, IsList: true), new("pubsub", PubSubNames.Namespace, IsList: true)];

    /// <inheritdoc/>
    public async IAsyncEnumerable<Element> ExportAsync(Jid account, PortableElement element, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var node in await database.ReadAsync(c => NodeTable.All(c, account.Bare), ct))
        {
            if (element.Namespace == PubSubNames.Owner)
            {
                foreach (var piece in await database.ReadAsync(c => Describe(c, node), ct)) yield return piece;
                continue;
            }

            // Oldest first, some at a time: an element for each node would have to be held whole.
            for (IReadOnlyList<StoredItem> items = await ReadAsync(0); items.Count > 0; items = await ReadAsync(items[^1].Seq))
            {
                yield return new Element("items", PubSubNames.Namespace).Attr("node", node.Name).Add(items.Select(i => new Element("item", PubSubNames.Namespace).Attr("id", i.Id).Add(i.Payload)));
            }

            ValueTask<IReadOnlyList<StoredItem>> ReadAsync(long above) => database.ReadAsync(c => ItemTable.Above(c, node.Id, ItemsAPiece, 0, above), ct);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ImportAsync(Jid account, PortableElement element, IReadOnlyList<Element> pieces, CancellationToken ct)
    {
        var scene = new Scene(new Service(account.Bare, true), account.Bare, Relation.Owner, true, options.CurrentValue, time.GetUtcNow());
        try
        {
            return await database.WriteAsync(c => pieces.Sum(p => Import(c, scene, p)), ct);
        }
        catch (RefusedException e)
        {
            throw new FormatException($"the account has more nodes or items than Plugins:PubSub permits ({e.Error.Detail ?? "MaxBytes"})");
        }
    }

    private static List<Element> Describe(DbConnection c, StoredNode node)
    {
        List<Element> pieces = [new Element("configure", PubSubNames.Owner).Attr("node", node.Name).Add(NodeConfigForm.Personal.Write(node.Config).ToElement())];
        var affiliations = PeopleTable.Affiliations(c, node.Id);
        if (affiliations.Count > 0)
        {
            pieces.Add(new Element("affiliations", PubSubNames.Owner).Attr("node", node.Name).Add(affiliations.Select(a =>
                new Element("affiliation", PubSubNames.Owner).Attr("jid", a.Key.ToString()).Attr("affiliation", Terms.Spell(a.Value)))));
        }

        var subscriptions = PeopleTable.Subscriptions(c, node.Id);
        if (subscriptions.Count > 0)
        {
            pieces.Add(new Element("subscriptions", PubSubNames.Owner).Attr("node", node.Name).Add(subscriptions.Select(s =>
                new Element("subscription", PubSubNames.Owner).Attr("jid", s.Jid.ToString()).Attr("subscription", Terms.Spell(s.State)))));
        }

        return pieces;
    }

    private static int Import(DbConnection c, Scene scene, Element piece)
    {
        if (piece["node"] is not { Length: > 0 and <= Jid.MaxPartBytes } name) throw new FormatException($"<{piece.Name}/> names no node");
        var node = NodeTable.Find(c, scene.Service.Address, name);
        if (piece.Is("configure", PubSubNames.Owner))
        {
            if (node is not null) return 0;
            Management.Add(c, scene, name, Configured(scene, name, DataForm.Within(piece)));
            return 1;
        }

        node ??= Management.Add(c, scene, name, scene.Service.DefaultsOf(name));
        return piece.Name switch
        {
            "affiliations" => piece.Children.Count(a => Affiliate(c, scene, node, a)),
            "subscriptions" => piece.Children.Count(s => Subscribe(c, scene, node, s)),
            "items" => ImportItems(c, scene, node, piece),
            _ => 0,
        };
    }

    // What another server knows and this one does not, or has otherwise, is left as it is here.
    private static NodeConfig Configured(Scene scene, string name, DataForm? form)
    {
        var config = scene.Service.DefaultsOf(name);
        foreach (var field in form?.Fields ?? [])
        {
            if (field.Name != "FORM_TYPE") config = scene.Service.Form.Apply(config, new DataForm("submit").Add(field), scene.Limits.MaxItems) ?? config;
        }

        return config;
    }

    private static bool Affiliate(DbConnection c, Scene scene, StoredNode node, Element a)
    {
        if (!Jid.TryParse(a["jid"], out var who) || !Terms.TryRead<Affiliation>(a["affiliation"], out var affiliation)) return false;
        if (affiliation is Affiliation.None or Affiliation.Owner || who.Bare == scene.Service.Address || PeopleTable.AffiliationOf(c, node.Id, who) != Affiliation.None) return false;
        if (PeopleTable.Count(c, node.Id) >= scene.Limits.MaxPeople) throw new FormatException($"a node has more people than Plugins:PubSub:MaxPeople permits ({scene.Limits.MaxPeople})");
        PeopleTable.Affiliate(c, node.Id, who, affiliation);
        return true;
    }

    private static bool Subscribe(DbConnection c, Scene scene, StoredNode node, Element s)
    {
        if (!Jid.TryParse(s["jid"], out var who) || !Terms.TryRead<SubscriptionState>(s["subscription"], out var state)) return false;
        if (state == SubscriptionState.None || PeopleTable.StateOf(c, node.Id, who) != SubscriptionState.None) return false;
        if (PeopleTable.Count(c, node.Id) >= scene.Limits.MaxPeople) throw new FormatException($"a node has more people than Plugins:PubSub:MaxPeople permits ({scene.Limits.MaxPeople})");
        PeopleTable.Subscribe(c, node.Id, who, state);
        return true;
    }

    private static int ImportItems(DbConnection c, Scene scene, StoredNode node, Element piece)
    {
        List<Element> added = [.. piece.ChildrenNamed("item", PubSubNames.Namespace).Where(i => i["id"] is { Length: > 0 } id && ItemTable.Find(c, node.Id, id, 0) is null)];
        foreach (var batch in added.Chunk(Publishing.MaxBatch))
        {
            if (Publishing.Run(c, scene, node.Name, batch, null).Error is { } error) throw new FormatException($"an item of {node.Name} cannot be kept ({error.Detail ?? error.Condition.ToString()})");
        }

        return added.Count;
    }
}
