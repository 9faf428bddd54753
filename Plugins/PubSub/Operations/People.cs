using System.Data.Common;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Operations;

/// <summary>Lets owners manage subscriptions and affiliations (XEP-0060 sections 8.8 and 8.9).</summary>
internal static class People
{
    public static Outcome ShowSubscriptions(DbConnection c, Scene scene, string name)
    {
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (!who.IsOwner) return PubSubError.Forbidden;
        var list = new Element("subscriptions", PubSubNames.Owner).Attr("node", name);
        foreach (var s in PeopleTable.Subscriptions(c, node.Id)) list.Add("subscription", e => e.Attr("jid", s.Jid.ToString()).Attr("subscription", Terms.Spell(s.State)));
        return new Outcome(Payload: new Element("pubsub", PubSubNames.Owner).Add(list));
    }

    public static Outcome SetSubscriptions(DbConnection c, Scene scene, string name, IEnumerable<Element> changes)
    {
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (!who.IsOwner) return PubSubError.Forbidden;
        List<Note> notes = [];
        foreach (var change in changes)
        {
            if (!Jid.TryParse(change["jid"], out var jid)) throw new RefusedException(PubSubError.InvalidJid);
            if (!Terms.TryRead<SubscriptionState>(change["subscription"], out var state)) throw new RefusedException(PubSubError.BadRequest);
            notes.AddRange(Set(c, scene, node, jid, state));
        }

        return new Outcome(Notes: notes);
    }

    /// <summary>Answers a request that waits (section 8.6); nothing if none does.</summary>
    public static Outcome Authorize(DbConnection c, Scene scene, string name, Jid subscriber, bool isAllowed)
    {
        if (scene.Find(c, name) is not var (node, who) || !who.IsOwner || PeopleTable.StateOf(c, node.Id, subscriber) != SubscriptionState.Pending) return Outcome.Done;
        return new Outcome(Notes: [.. Set(c, scene, node, subscriber, isAllowed ? SubscriptionState.Subscribed : SubscriptionState.None)]);
    }

    public static Outcome ShowAffiliations(DbConnection c, Scene scene, string name)
    {
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (!who.IsOwner) return PubSubError.Forbidden;
        var list = new Element("affiliations", PubSubNames.Owner).Attr("node", name);
        if (scene.Service.IsPersonal) Add(scene.Service.Address, Affiliation.Owner);
        foreach (var (jid, affiliation) in PeopleTable.Affiliations(c, node.Id)) Add(jid, affiliation);
        return new Outcome(Payload: new Element("pubsub", PubSubNames.Owner).Add(list));

        void Add(Jid jid, Affiliation affiliation) => list.Add("affiliation", e => e.Attr("jid", jid.ToString()).Attr("affiliation", Terms.Spell(affiliation)));
    }

    public static Outcome SetAffiliations(DbConnection c, Scene scene, string name, IEnumerable<Element> changes)
    {
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (!who.IsOwner) return PubSubError.Forbidden;
        foreach (var change in changes)
        {
            if (!Jid.TryParse(change["jid"], out var jid)) throw new RefusedException(PubSubError.InvalidJid);
            if (!Terms.TryRead<Affiliation>(change["affiliation"], out var affiliation)) throw new RefusedException(PubSubError.BadRequest);
            // An account owns what is at it, alone and always.
            if (scene.Service.IsPersonal && (affiliation == Affiliation.Owner || jid.Bare == scene.Service.Address)) throw new RefusedException(new PubSubError(StanzaCondition.NotAllowed));
            PeopleTable.Affiliate(c, node.Id, jid, affiliation);
            if (affiliation == Affiliation.Outcast) PeopleTable.Unsubscribe(c, node.Id, jid);
        }

        if (PeopleTable.Count(c, node.Id) > scene.Limits.MaxPeople) throw new RefusedException(new PubSubError(StanzaCondition.ResourceConstraint));
        // Section 8.9.2.4: a node is never without an owner.
        if (!scene.Service.IsPersonal && !PeopleTable.Affiliations(c, node.Id).Values.Contains(Affiliation.Owner)) throw new RefusedException(new PubSubError(StanzaCondition.NotAcceptable));
        return Outcome.Done;
    }

    private static IEnumerable<Note> Set(DbConnection c, Scene scene, StoredNode node, Jid subscriber, SubscriptionState state)
    {
        var before = PeopleTable.StateOf(c, node.Id, subscriber);
        if (before == state) yield break;
        if (before == SubscriptionState.None && PeopleTable.Count(c, node.Id) >= scene.Limits.MaxPeople) throw new RefusedException(new PubSubError(StanzaCondition.PolicyViolation, "too-many-subscriptions"));
        PeopleTable.Subscribe(c, node.Id, subscriber, state);
        yield return new Note(subscriber, Subscribing.Event(node.Name, subscriber, state));
        if (state == SubscriptionState.Subscribed && node.Config.SendLast != SendLast.Never && Subscribing.LastOf(c, scene, node) is { } last) yield return new Note(subscriber, last);
    }
}
