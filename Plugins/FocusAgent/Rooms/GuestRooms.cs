using System.Collections.Concurrent;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>Which room each guest calls or is in, told by the rooms.</summary>
public sealed class GuestRooms : IGuestRooms
{
    private readonly ConcurrentDictionary<Jid, Jid> _rooms = new();

    /// <inheritdoc/>
    public Jid? RoomOf(Jid guest) => _rooms.GetValueOrDefault(guest);

    /// <summary>Notes that a guest came; the latest room counts.</summary>
    public void Enter(Jid guest, Jid room) => _rooms[guest] = room;

    /// <summary>Notes that a guest left, unless it is in another room by now.</summary>
    public void Leave(Jid guest, Jid room) => _rooms.TryRemove(new KeyValuePair<Jid, Jid>(guest, room));
}
