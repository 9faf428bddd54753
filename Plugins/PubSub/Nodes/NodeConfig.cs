namespace Parley.Plugins.PubSub.Nodes;

/// <summary>How a node is configured (XEP-0060 section 16.4.4). The defaults are those of personal events (XEP-0163 section 2): the last item, for those who see the owner's presence.</summary>
internal sealed record NodeConfig
{
    public AccessModel Access { get; init; } = AccessModel.Presence;

    /// <summary>The groups of the owner's roster that the access model roster lets in.</summary>
    public IReadOnlyList<string> RosterGroups { get; init; } = [];

    public PublishModel PublishModel { get; init; } = PublishModel.Publishers;

    /// <summary>The most items that are kept; null for as many as the service allows (<c>max</c>).</summary>
    public int? MaxItems { get; init; } = 1;

    public bool PersistItems { get; init; } = true;

    /// <summary>Seconds after which an item is forgotten; null for never.</summary>
    public int? ItemExpire { get; init; }

    public SendLast SendLast { get; init; } = SendLast.OnSubAndPresence;

    public bool DeliverNotifications { get; init; } = true;

    public bool DeliverPayloads { get; init; } = true;

    public bool NotifyRetract { get; init; } = true;

    public bool NotifyDelete { get; init; } = true;

    public bool NotifyConfig { get; init; }

    public bool NotifySub { get; init; }

    /// <summary>Whether its items go when the publisher goes offline.</summary>
    public bool PurgeOffline { get; init; }

    public ItemReply ItemReply { get; init; } = ItemReply.Owner;

    public NotificationType NotificationType { get; init; } = NotificationType.Headline;

    public string? Title { get; init; }

    public string? Description { get; init; }

    /// <summary>What kind of node it is, mostly the namespace of its payloads. It is told and not enforced: XEP-0472 names a profile there whose payloads are of Atom.</summary>
    public string? Type { get; init; }

    public string? Language { get; init; }

    /// <summary>How many items it keeps where a service keeps at most <paramref name="most"/>.</summary>
    public int Keeps(int most) => !PersistItems ? 0 : Math.Min(MaxItems ?? most, most);
}
