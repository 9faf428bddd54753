using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.PubSub.Nodes;

/// <summary>Who may do what with a node (XEP-0060 sections 4.1 and 4.5).</summary>
internal static class AccessRules
{
    /// <summary>Judges who reads items or is told of them; null if they may.</summary>
    public static PubSubError? ToRead(NodeConfig node, in Standing who)
    {
        switch (who.Affiliation)
        {
            case Affiliation.Outcast or Affiliation.PublishOnly:
                return PubSubError.Forbidden;
            case Affiliation.Member or Affiliation.Publisher or Affiliation.Owner:
                return null;
        }

        return node.Access switch
        {
            AccessModel.Open => null,
            AccessModel.Presence => who.SeesPresence ? null : new PubSubError(StanzaCondition.NotAuthorized, "presence-subscription-required"),
            AccessModel.Roster => who.SeesPresence && who.Groups.Intersect(node.RosterGroups, StringComparer.Ordinal).Any() ? null : new PubSubError(StanzaCondition.NotAuthorized, "not-in-roster-group"),
            AccessModel.Authorize => who.Subscription == SubscriptionState.Subscribed ? null : new PubSubError(StanzaCondition.NotAuthorized, "not-subscribed"),
            _ => new PubSubError(StanzaCondition.NotAllowed, "closed-node"),
        };
    }

    /// <summary>Judges who subscribes; with null, <paramref name="state"/> is what comes of it.</summary>
    public static PubSubError? ToSubscribe(NodeConfig node, in Standing who, out SubscriptionState state)
    {
        state = SubscriptionState.Subscribed;
        var refusal = ToRead(node, who);
        if (refusal is null || node.Access != AccessModel.Authorize || refusal == PubSubError.Forbidden) return refusal;
        state = SubscriptionState.Pending;
        return null;
    }

    /// <summary>Judges who publishes; null if they may.</summary>
    public static PubSubError? ToPublish(NodeConfig node, in Standing who) => who.Affiliation switch
    {
        Affiliation.Outcast => PubSubError.Forbidden,
        Affiliation.Owner or Affiliation.Publisher or Affiliation.PublishOnly => null,
        _ => node.PublishModel switch
        {
            PublishModel.Open => null,
            PublishModel.Subscribers when who.Subscription == SubscriptionState.Subscribed => null,
            _ => PubSubError.Forbidden,
        },
    };
}
