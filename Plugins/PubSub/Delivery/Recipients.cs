using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Caps;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Operations;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.PubSub.Delivery;

/// <summary>Finds whom an event is for (XEP-0163 section 4.3): explicit subscribers, and of the owner and its contacts the resources that say they want events of the node.</summary>
internal sealed class Recipients(IRosterStore rosters, ISessionDirectory sessions, Interests interests, RemoteResources remotes)
{
    /// <summary>The addresses, each with whether it sees the publisher's presence.</summary>
    public async ValueTask<IReadOnlyList<(Jid To, bool SeesPresence)>> OfAsync(NodeEvent happened, CancellationToken ct)
    {
        if (!happened.Service.IsPersonal) return [.. happened.Subscribers.Where(s => IsLetIn(happened, s, Relation.Stranger)).Select(s => (s, false))];
        var owner = happened.Service.Address;
        var told = new Dictionary<Jid, bool>();
        foreach (var session in sessions.Of(owner)) AddIfInterested(session);
        var relations = new Dictionary<Jid, Relation> { [owner] = Relation.Owner };
        foreach (var contact in await rosters.ReadAsync(owner, ct))
        {
            var relation = relations[contact.Contact] = new Relation(false, contact.SubscribedFrom, contact.Groups);
            if (!contact.SubscribedFrom || !IsLetIn(happened, contact.Contact, relation)) continue;
            foreach (var session in sessions.Of(contact.Contact)) AddIfInterested(session);
            foreach (var resource in remotes.Interested(owner, contact.Contact, happened.Node)) told[resource] = true;
        }

        foreach (var subscriber in happened.Subscribers)
        {
            var relation = relations.GetValueOrDefault(subscriber.Bare, Relation.Stranger);
            // Whose resources are known to want it has it there already.
            var hasIt = subscriber.IsBare ? told.Keys.Any(t => t.Bare == subscriber) : told.ContainsKey(subscriber);
            if (!hasIt && IsLetIn(happened, subscriber, relation)) told[subscriber] = relation.SeesPresence;
        }

        return [.. told.Select(t => (t.Key, t.Value))];

        void AddIfInterested(ISession session)
        {
            if (session is { IsAvailable: true, Presence: { } presence } && interests.Known(session.Jid, presence)?.Contains(happened.Node) == true) told[session.Jid] = true;
        }
    }

    // A subscription lasts, but what the node became since decides.
    private static bool IsLetIn(NodeEvent happened, Jid who, in Relation relation) =>
        AccessRules.ToRead(happened.Config, relation.At(happened.Affiliations.GetValueOrDefault(who.Bare), happened.Subscribers.Any(s => s.Bare == who.Bare) ? SubscriptionState.Subscribed : SubscriptionState.None)) is null;
}
