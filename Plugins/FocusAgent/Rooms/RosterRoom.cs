using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>A room that every account has among its contacts: an entry of <c>Plugins:FocusAgent:RosterRooms</c>.</summary>
public sealed class RosterRoom
{
    /// <summary>The most that there may be.</summary>
    public const int Most = 50;

    /// <summary>The room's name, such as <c>tea</c>: for each account the room of its own domain.</summary>
    public string Room { get; set; } = "";

    /// <summary>What it is called in rosters; empty: as the room.</summary>
    public string Name { get; set; } = "";

    /// <summary>The group that it is in; empty for none.</summary>
    public string Group { get; set; } = "";

    /// <summary>The faults of an entry.</summary>
    public static IEnumerable<string> Validate(RosterRoom room, int index)
    {
        if (index == Most) yield return $"RosterRooms: must be at most {Most}";
        if (!Jid.TryParse($"{room.Room}@localhost", out var jid) || jid.Resource is not null || room.Room.Contains('@', StringComparison.Ordinal)) yield return $"RosterRooms:{index}:Room: must be the name of a room, such as tea";
        if (room.Name.Length > Jid.MaxPartBytes || room.Group.Length > Jid.MaxPartBytes) yield return $"RosterRooms:{index}: Name and Group have at most {Jid.MaxPartBytes} characters";
    }
}
