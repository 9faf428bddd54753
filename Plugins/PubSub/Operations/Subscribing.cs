using System.Data.Common;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Operations;

/// <summary>Subscribes and unsubscribes (XEP-0060 sections 6.1 and 6.2), and tells people what they have (sections 5.6 and 5.7).</summary>
internal static class Subscribing
{
    public static Outcome Subscribe(DbConnection c, Scene scene, string name, string? jid)
    {
        // Section 6.1.3.1: only oneself, by the bare or the full address.
        if (!Jid.TryParse(jid, out var subscriber) || subscriber.Bare != scene.From.Bare) return PubSubError.InvalidJid;
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (AccessRules.ToSubscribe(node.Config, who, out var state) is { } refusal) return refusal;
        var before = PeopleTable.StateOf(c, node.Id, subscriber);
        if (before == SubscriptionState.Pending) return new PubSubError(StanzaCondition.NotAuthorized, "pending-subscription");
        if (before == SubscriptionState.None)
        {
            if (PeopleTable.Count(c, node.Id) >= scene.Limits.MaxPeople) return new PubSubError(StanzaCondition.PolicyViolation, "too-many-subscriptions");
            PeopleTable.Subscribe(c, node.Id, subscriber, state);
        }

        List<Note> notes = [];
        // Section 8.6: the owners are asked.
        if (state == SubscriptionState.Pending) notes.AddRange(Owners(c, scene, node).Select(o => new Note(o, Request(name, subscriber))));
        else if (node.Config.NotifySub) notes.AddRange(Owners(c, scene, node).Select(o => new Note(o, Event(name, subscriber, state))));
        if (state == SubscriptionState.Subscribed && node.Config.SendLast != SendLast.Never && LastOf(c, scene, node) is { } last) notes.Add(new Note(subscriber, last));
        return new Outcome(Payload: new Element("pubsub", PubSubNames.Namespace).Add(Element("subscription", PubSubNames.Namespace, name, subscriber, state)), Notes: notes);
    }

    public static Outcome Unsubscribe(DbConnection c, Scene scene, string name, string? jid)
    {
        if (!Jid.TryParse(jid, out var subscriber)) return PubSubError.InvalidJid;
        if (subscriber.Bare != scene.From.Bare) return PubSubError.Forbidden;
        if (NodeTable.Find(c, scene.Service.Address, name) is not { } node) return PubSubError.NoNode;
        if (PeopleTable.StateOf(c, node.Id, subscriber) == SubscriptionState.None) return new PubSubError(StanzaCondition.UnexpectedRequest, "not-subscribed");
        PeopleTable.Subscribe(c, node.Id, subscriber, SubscriptionState.None);
        var notes = node.Config.NotifySub ? Owners(c, scene, node).Select(o => new Note(o, Event(name, subscriber, SubscriptionState.None))).ToList() : null;
        return new Outcome(Notes: notes);
    }

    /// <summary>Somebody's own subscriptions; of one node, or (null) of all.</summary>
    public static Outcome Mine(DbConnection c, Scene scene, string? name)
    {
        var list = new Element("subscriptions", PubSubNames.Namespace).Attr("node", name);
        foreach (var s in PeopleTable.SubscriptionsOf(c, scene.Service.Address, scene.From).Where(s => name is null || s.Node == name)) list.Add(Element("subscription", PubSubNames.Namespace, s.Node, s.Jid, s.State));
        return new Outcome(Payload: new Element("pubsub", PubSubNames.Namespace).Add(list));
    }

    /// <summary>Somebody's own affiliations likewise.</summary>
    public static Outcome MyAffiliations(DbConnection c, Scene scene, string? name)
    {
        var list = new Element("affiliations", PubSubNames.Namespace).Attr("node", name);
        var all = scene.Relation.IsOwner ? NodeTable.All(c, scene.Service.Address).Select(n => (Node: n.Name, Affiliation: Affiliation.Owner)) : PeopleTable.AffiliationsOf(c, scene.Service.Address, scene.From);
        foreach (var (node, affiliation) in all.Where(a => name is null || a.Node == name)) list.Add("affiliation", e => e.Attr("node", node).Attr("affiliation", Terms.Spell(affiliation)));
        return new Outcome(Payload: new Element("pubsub", PubSubNames.Namespace).Add(list));
    }

    /// <summary>The <c>items</c> with a node's last item; null if it has none.</summary>
    public static Element? LastOf(DbConnection c, Scene scene, StoredNode node) =>
        ItemTable.Newest(c, node.Id, 1, scene.NotBefore(node.Config)) is [var last] ? NodeEvent.Items(node.Name, node.Config, [(last.Id, last.Payload, last.Publisher)]) : null;

    /// <summary>The child of an <c>event</c> that tells of a subscription (section 12.13).</summary>
    public static Element Event(string node, Jid subscriber, SubscriptionState state) => Element("subscription", PubSubNames.Event, node, subscriber, state);

    private static Element Element(string element, string ns, string node, Jid subscriber, SubscriptionState state) =>
        new Element(element, ns).Attr("node", node).Attr("jid", subscriber.ToString()).Attr("subscription", Terms.Spell(state));

    private static Element Request(string node, Jid subscriber) => new DataForm("form", PubSubNames.SubscribeAuthorization) { Title = "Somebody wants to subscribe" }
        .Add("pubsub#node", "text-single", node, "The node").Add("pubsub#subscriber_jid", "jid-single", subscriber.ToString(), "Who").Add("pubsub#allow", false, "Let them?").ToElement();

    private static IEnumerable<Jid> Owners(DbConnection c, Scene scene, StoredNode node) =>
        scene.Service.IsPersonal ? [scene.Service.Address] : PeopleTable.Affiliations(c, node.Id).Where(a => a.Value == Affiliation.Owner).Select(a => a.Key);
}
