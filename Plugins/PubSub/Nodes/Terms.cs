namespace Parley.Plugins.PubSub.Nodes;

/// <summary>Who may subscribe to a node and read it (XEP-0060 section 4.5).</summary>
internal enum AccessModel
{
    Open,
    Presence,
    Roster,
    Whitelist,
    Authorize,
}

/// <summary>Who may publish (XEP-0060 section 16.4.4).</summary>
internal enum PublishModel
{
    Publishers,
    Subscribers,
    Open,
}

/// <summary>When the last item is sent without being asked for (XEP-0060 section 16.4.4).</summary>
internal enum SendLast
{
    Never,
    OnSub,
    OnSubAndPresence,
}

/// <summary>Whose address an item carries (XEP-0060 section 16.4.4).</summary>
internal enum ItemReply
{
    Owner,
    Publisher,
}

/// <summary>The type of the messages that carry events.</summary>
internal enum NotificationType
{
    Headline,
    Normal,
}

/// <summary>What somebody is to a node (XEP-0060 section 4.1).</summary>
internal enum Affiliation
{
    None,
    Outcast,
    Member,
    PublishOnly,
    Publisher,
    Owner,
}

/// <summary>The state of a subscription (XEP-0060 section 4.2).</summary>
internal enum SubscriptionState
{
    None,
    Pending,
    Subscribed,
}

/// <summary>The terms as the protocol spells them.</summary>
internal static class Terms
{
    /// <summary>Spells a term: <c>OnSubAndPresence</c> is <c>on_sub_and_presence</c>; affiliations have hyphens.</summary>
    public static string Spell<T>(T term) where T : struct, Enum =>
        string.Concat(term.ToString().Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : typeof(T) == typeof(Affiliation) ? "-" : "_") + char.ToLowerInvariant(c) : c.ToString()));

    /// <summary>Reads a term; false if it is none.</summary>
    public static bool TryRead<T>(string? text, out T term) where T : struct, Enum
    {
        foreach (var known in Enum.GetValues<T>())
        {
            if (Spell(known) != text) continue;
            term = known;
            return true;
        }

        term = default;
        return false;
    }
}
