namespace Parley.Plugins.Muc.Rooms;

/// <summary>Who sees whose real address (<c>muc#roomconfig_whois</c>).</summary>
public enum Whois
{
    /// <summary>Moderators: the room is semi-anonymous.</summary>
    Moderators,
    /// <summary>Everybody: the room is non-anonymous.</summary>
    Anyone,
}

/// <summary>Who may send private messages (<c>muc#roomconfig_allowpm</c>).</summary>
public enum PrivateMessages
{
    /// <summary>Every occupant.</summary>
    Anyone,
    /// <summary>Participants and moderators.</summary>
    Participants,
    /// <summary>Moderators.</summary>
    Moderators,
    /// <summary>Nobody.</summary>
    None,
}

/// <summary>A set of roles.</summary>
[Flags]
public enum RoleSet
{
    /// <summary>Nobody.</summary>
    None = 0,
    /// <summary>Visitors.</summary>
    Visitor = 1,
    /// <summary>Participants.</summary>
    Participant = 2,
    /// <summary>Moderators.</summary>
    Moderator = 4,
    /// <summary>All of them.</summary>
    All = Visitor | Participant | Moderator,
}

/// <summary>What owners configure (XEP-0045 section 10.2).</summary>
public sealed record RoomConfig
{
    /// <summary>The name that people read.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the room is for.</summary>
    public string Description { get; init; } = "";

    /// <summary>The language spoken, a tag of BCP 47; empty for none in particular.</summary>
    public string Language { get; init; } = "";

    /// <summary>Listed in service discovery.</summary>
    public bool IsPublic { get; init; } = true;

    /// <summary>Stays when nobody is there.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Only members enter.</summary>
    public bool IsMembersOnly { get; init; }

    /// <summary>Whoever has no affiliation enters as a visitor.</summary>
    public bool IsModerated { get; init; }

    /// <summary>The password that whoever enters must know; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>Who sees real addresses.</summary>
    public Whois Whois { get; init; }

    /// <summary>Participants may change the subject.</summary>
    public bool MayChangeSubject { get; init; }

    /// <summary>Members may invite to a members-only room, and thereby make members.</summary>
    public bool MayInvite { get; init; }

    /// <summary>Who may send private messages.</summary>
    public PrivateMessages PrivateMessages { get; init; }

    /// <summary>Whose presence others are told.</summary>
    public RoleSet PresenceBroadcast { get; init; } = RoleSet.All;

    /// <summary>Who may ask for the lists of affiliations; in a semi-anonymous room moderators alone may anyway.</summary>
    public RoleSet MemberListFor { get; init; } = RoleSet.All;

    /// <summary>The most occupants; null for as many as the service allows.</summary>
    public int? MaxUsers { get; init; }

    /// <summary>The messages that whoever enters is sent; null for what the service thinks right.</summary>
    public int? HistoryLength { get; init; }

    /// <summary>Messages are archived, where the server has an archive.</summary>
    public bool IsLogged { get; init; } = true;

    /// <summary>Whether everybody sees real addresses.</summary>
    public bool IsNonAnonymous => Whois == Whois.Anyone;
}

/// <summary>Roles in sets.</summary>
internal static class RoleSets
{
    /// <summary>Whether a role is in a set.</summary>
    public static bool Has(this RoleSet set, Role role) => role != Role.None && set.HasFlag(Of(role));

    /// <summary>The set of one role.</summary>
    public static RoleSet Of(Role role) => role switch
    {
        Role.Visitor => RoleSet.Visitor,
        Role.Participant => RoleSet.Participant,
        Role.Moderator => RoleSet.Moderator,
        _ => RoleSet.None,
    };
}
