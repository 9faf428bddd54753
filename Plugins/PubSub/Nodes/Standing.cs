namespace Parley.Plugins.PubSub.Nodes;

/// <summary>What somebody is to a node and to its owner.</summary>
/// <param name="Affiliation">The affiliation with the node; the owner of the service owns every node.</param>
/// <param name="Subscription">The subscription to the node.</param>
/// <param name="SeesPresence">Whether they are subscribed to the owner's presence.</param>
/// <param name="Groups">The groups of the owner's roster that they are in.</param>
internal readonly record struct Standing(Affiliation Affiliation, SubscriptionState Subscription, bool SeesPresence, IReadOnlyList<string> Groups)
{
    public bool IsOwner => Affiliation == Affiliation.Owner;
}

/// <summary>What somebody is to the owner of a service, by its roster.</summary>
/// <param name="IsOwner">The owner itself.</param>
/// <param name="SeesPresence">Whether they are subscribed to its presence.</param>
/// <param name="Groups">The groups they are in.</param>
internal readonly record struct Relation(bool IsOwner, bool SeesPresence, IReadOnlyList<string> Groups)
{
    public static readonly Relation Owner = new(true, true, []);
    public static readonly Relation Stranger = new(false, false, []);

    /// <summary>The standing at a node.</summary>
    public Standing At(Affiliation affiliation, SubscriptionState subscription) => new(IsOwner ? Affiliation.Owner : affiliation, subscription, SeesPresence, Groups);
}
