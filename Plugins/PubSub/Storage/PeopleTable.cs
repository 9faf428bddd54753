using System.Data.Common;
using Dapper;
using Parley.Plugins.PubSub.Nodes;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.PubSub.Storage;

/// <summary>A subscription as it is kept.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Jid">The subscribed address.</param>
/// <param name="State">Its state.</param>
internal sealed record StoredSubscription(string Node, Jid Jid, SubscriptionState State);

/// <summary>Affiliations and subscriptions.</summary>
internal static class PeopleTable
{
    public static Affiliation AffiliationOf(DbConnection c, long node, Jid who) =>
        Read<Affiliation>(c.QueryFirstOrDefault<string>("SELECT affiliation FROM pubsub_affiliations WHERE node_id = @node AND jid = @jid", new { node, jid = who.Bare.ToString() }));

    public static IReadOnlyDictionary<Jid, Affiliation> Affiliations(DbConnection c, long node) =>
        c.Query<(string Jid, string Affiliation)>("SELECT jid, affiliation FROM pubsub_affiliations WHERE node_id = @node ORDER BY jid", new { node }).ToDictionary(r => Jid.Parse(r.Jid), r => Read<Affiliation>(r.Affiliation));

    /// <summary>What somebody is to the nodes of a service.</summary>
    public static IReadOnlyList<(string Node, Affiliation Affiliation)> AffiliationsOf(DbConnection c, Jid service, Jid who) =>
        [.. c.Query<(string Node, string Affiliation)>(
            "SELECT n.node, a.affiliation FROM pubsub_affiliations a JOIN pubsub_nodes n ON n.id = a.node_id WHERE a.jid = @jid AND n.service = @service ORDER BY n.node",
            new { jid = who.Bare.ToString(), service = service.ToString() }).Select(r => (r.Node, Read<Affiliation>(r.Affiliation)))];

    public static void Affiliate(DbConnection c, long node, Jid who, Affiliation affiliation)
    {
        var row = new { node, jid = who.Bare.ToString(), affiliation = Terms.Spell(affiliation) };
        if (affiliation == Affiliation.None) c.Execute("DELETE FROM pubsub_affiliations WHERE node_id = @node AND jid = @jid", row);
        else c.Execute("INSERT INTO pubsub_affiliations (node_id, jid, affiliation, account) VALUES (@node, @jid, @affiliation, (SELECT account FROM accounts WHERE account = @jid)) ON CONFLICT (node_id, jid) DO UPDATE SET affiliation = excluded.affiliation", row);
    }

    /// <summary>The best state among the subscriptions of somebody's addresses.</summary>
    public static SubscriptionState SubscriptionOf(DbConnection c, long node, Jid who) =>
        c.Query<string>("SELECT state FROM pubsub_subscriptions WHERE node_id = @node AND bare = @bare", new { node, bare = who.Bare.ToString() }).Select(Read<SubscriptionState>).DefaultIfEmpty().Max();

    public static SubscriptionState StateOf(DbConnection c, long node, Jid subscriber) =>
        Read<SubscriptionState>(c.QueryFirstOrDefault<string>("SELECT state FROM pubsub_subscriptions WHERE node_id = @node AND jid = @jid", new { node, jid = subscriber.ToString() }));

    public static IReadOnlyList<StoredSubscription> Subscriptions(DbConnection c, long node) =>
        [.. c.Query<(string Jid, string State)>("SELECT jid, state FROM pubsub_subscriptions WHERE node_id = @node ORDER BY jid", new { node }).Select(r => new StoredSubscription("", Jid.Parse(r.Jid), Read<SubscriptionState>(r.State)))];

    /// <summary>Somebody's subscriptions to nodes of a service.</summary>
    public static IReadOnlyList<StoredSubscription> SubscriptionsOf(DbConnection c, Jid service, Jid who) =>
        [.. c.Query<(string Node, string Jid, string State)>(
            "SELECT n.node, s.jid, s.state FROM pubsub_subscriptions s JOIN pubsub_nodes n ON n.id = s.node_id WHERE s.bare = @bare AND n.service = @service ORDER BY n.node, s.jid",
            new { bare = who.Bare.ToString(), service = service.ToString() }).Select(r => new StoredSubscription(r.Node, Jid.Parse(r.Jid), Read<SubscriptionState>(r.State)))];

    public static void Subscribe(DbConnection c, long node, Jid subscriber, SubscriptionState state)
    {
        var row = new { node, jid = subscriber.ToString(), bare = subscriber.Bare.ToString(), state = Terms.Spell(state) };
        if (state == SubscriptionState.None) c.Execute("DELETE FROM pubsub_subscriptions WHERE node_id = @node AND jid = @jid", row);
        else c.Execute("INSERT INTO pubsub_subscriptions (node_id, jid, bare, state, account) VALUES (@node, @jid, @bare, @state, (SELECT account FROM accounts WHERE account = @bare)) ON CONFLICT (node_id, jid) DO UPDATE SET state = excluded.state", row);
    }

    /// <summary>Ends all subscriptions of somebody's addresses.</summary>
    public static void Unsubscribe(DbConnection c, long node, Jid who) => c.Execute("DELETE FROM pubsub_subscriptions WHERE node_id = @node AND bare = @bare", new { node, bare = who.Bare.ToString() });

    /// <summary>How many people a node has: subscriptions and affiliations.</summary>
    public static int Count(DbConnection c, long node) =>
        (int)c.ExecuteScalar<long>("SELECT (SELECT COUNT(*) FROM pubsub_subscriptions WHERE node_id = @node) + (SELECT COUNT(*) FROM pubsub_affiliations WHERE node_id = @node)", new { node });

    private static T Read<T>(string? text) where T : struct, Enum => Terms.TryRead<T>(text, out var term) ? term : default;
}
