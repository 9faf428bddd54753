using System.Diagnostics.CodeAnalysis;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>A long-lived association with a room (XEP-0045 section 5.2), in ascending order.</summary>
public enum Affiliation
{
    /// <summary>Banned.</summary>
    Outcast,
    /// <summary>None in particular.</summary>
    None,
    /// <summary>May enter a members-only room.</summary>
    Member,
    /// <summary>Manages members, bans and moderators.</summary>
    Admin,
    /// <summary>Configures and destroys the room.</summary>
    Owner,
}

/// <summary>What an occupant may do while there (XEP-0045 section 5.1), in ascending order.</summary>
public enum Role
{
    /// <summary>Not there.</summary>
    None,
    /// <summary>May listen.</summary>
    Visitor,
    /// <summary>May speak.</summary>
    Participant,
    /// <summary>May kick, and give and take voice.</summary>
    Moderator,
}

/// <summary>The words for roles and affiliations on the wire.</summary>
internal static class Ranks
{
    private static readonly string[] Affiliations = ["outcast", "none", "member", "admin", "owner"];
    private static readonly string[] Roles = ["none", "visitor", "participant", "moderator"];

    /// <summary>The word for an affiliation.</summary>
    public static string Word(this Affiliation affiliation) => Affiliations[(int)affiliation];

    /// <summary>The word for a role.</summary>
    public static string Word(this Role role) => Roles[(int)role];

    /// <summary>Reads an affiliation.</summary>
    public static bool TryAffiliation([NotNullWhen(true)] string? word, out Affiliation affiliation)
    {
        var index = Array.IndexOf(Affiliations, word);
        affiliation = (Affiliation)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Reads a role.</summary>
    public static bool TryRole([NotNullWhen(true)] string? word, out Role role)
    {
        var index = Array.IndexOf(Roles, word);
        role = (Role)Math.Max(index, 0);
        return index >= 0;
    }
}
