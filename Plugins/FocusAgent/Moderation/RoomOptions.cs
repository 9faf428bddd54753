using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>Who of a chat room may be in the call that is tied to it.</summary>
public enum ChatRoomEntry
{
    /// <summary>Nothing is tied.</summary>
    Off,
    /// <summary>Whoever is in the chat room, as long as they are.</summary>
    Occupants,
    /// <summary>Members, admins and owners of the chat room, there or not.</summary>
    Members,
}

/// <summary>The section <c>Plugins:FocusAgent:Rooms:&lt;name&gt;</c>: what the operator says of one room. What is said here moderators cannot change.</summary>
public sealed class RoomOptions
{
    /// <summary>Whether only members enter; null: moderators say.</summary>
    public bool? MembersOnly { get; set; }

    /// <summary>Whether newcomers wait to be let in; null: moderators say.</summary>
    public bool? Lobby { get; set; }

    /// <summary>What newcomers must know; null: moderators say.</summary>
    public string? Password { get; set; }

    /// <summary>Members: bare addresses, beside those whom moderators name.</summary>
    public IReadOnlyList<string> Members { get; set; } = [];

    /// <summary>Moderators: bare addresses, beside those whom moderators name.</summary>
    public IReadOnlyList<string> Moderators { get; set; } = [];

    /// <summary>The chat room that it is tied to, such as <c>tea@rooms.example.org</c>; null: as <see cref="FocusAgentOptions.ChatRooms"/> says.</summary>
    public string? ChatRoom { get; set; }

    /// <summary>Who of that chat room may be in the call.</summary>
    public ChatRoomEntry ChatRoomEntry { get; set; } = ChatRoomEntry.Occupants;

    /// <summary>The faults of a section.</summary>
    public static IEnumerable<string> Validate(string name, RoomOptions options)
    {
        var key = $"Rooms:{name}";
        if (!IsRoom(name)) yield return $"{key}: must be a room's name, such as tea, or its whole address, such as tea@calls.example.org";
        if (options.Password is { Length: > RoomPolicy.MaxPassword }) yield return $"{key}:Password: must have at most {RoomPolicy.MaxPassword} characters";
        foreach (var (list, part) in new[] { (options.Members, "Members"), (options.Moderators, "Moderators") })
        {
            if (list.Count > RoomPolicy.MaxListed) yield return $"{key}:{part}: must be at most {RoomPolicy.MaxListed} addresses";
            foreach (var address in list.Where(a => !IsAccount(a))) yield return $"{key}:{part}: '{address}' must be an account's address, such as ann@example.org";
        }

        if (options.ChatRoom is { } chat && !IsAccount(chat)) yield return $"{key}:ChatRoom: must be a chat room's address, such as tea@rooms.example.org";
        if (!Enum.IsDefined(options.ChatRoomEntry) || (options.ChatRoom is not null && options.ChatRoomEntry == ChatRoomEntry.Off)) yield return $"{key}:ChatRoomEntry: must be Occupants or Members";
    }

    /// <summary>Whether a text is a bare address with a localpart.</summary>
    internal static bool IsAccount(string text) => Jid.TryParse(text, out var jid) && jid is { Local: not null, Resource: null };

    private static bool IsRoom(string name) => IsAccount(name) || (!name.Contains('@', StringComparison.Ordinal) && Jid.TryCreate(name, "calls.example.org", null, out var jid) && jid.Local == name);
}
