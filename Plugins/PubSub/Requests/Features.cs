using Parley.Plugins.PubSub.Nodes;

namespace Parley.Plugins.PubSub.Requests;

/// <summary>What service discovery says that is done here (XEP-0060 section 10).</summary>
internal static class Features
{
    private static readonly string[] Both =
    [
        "access-authorize", "access-open", "access-whitelist", "auto-create", "config-node", "config-node-max", "create-and-configure", "create-nodes", "delete-items", "delete-nodes", "instant-nodes",
        "item-ids", "last-published", "manage-subscriptions", "member-affiliation", "meta-data", "modify-affiliations", "multi-items", "outcast-affiliation", "persistent-items", "publish",
        "publish-only-affiliation", "publish-options", "publisher-affiliation", "purge-nodes", "retract-items", "retrieve-affiliations", "retrieve-default", "retrieve-items", "retrieve-subscriptions",
        "rsm", "subscribe", "subscription-notifications",
    ];

    /// <summary>At accounts.</summary>
    public static IEnumerable<string> OfAccounts => Both.Concat(["access-presence", "access-roster", "auto-subscribe", "filtered-notifications", "presence-notifications", "presence-subscribe"]).Select(f => $"{PubSubNames.Namespace}#{f}");

    /// <summary>At components.</summary>
    public static IEnumerable<string> OfComponents => Both.Select(f => $"{PubSubNames.Namespace}#{f}");
}
