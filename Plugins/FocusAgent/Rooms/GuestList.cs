using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>Tells <see cref="GuestRooms"/> which guests are in one room or wait at its door.</summary>
/// <param name="room">The room.</param>
/// <param name="table">Who is told.</param>
/// <param name="conference">Who is in.</param>
/// <param name="doorway">Who waits.</param>
public sealed class GuestList(Jid room, GuestRooms table, Conference conference, Doorway doorway)
{
    private HashSet<Jid> _told = [];

    /// <summary>Tells what changed.</summary>
    public void Update()
    {
        var now = conference.Legs.Where(l => l.Participant.IsGuest).Select(l => l.Peer)
            .Concat(doorway.Waiting.Where(p => p.Caller.Kind == SenderKind.Guest).Select(p => p.Call.Peer)).ToHashSet();
        if (now.SetEquals(_told)) return;
        foreach (var guest in now.Where(g => !_told.Contains(g))) table.Enter(guest, room);
        foreach (var guest in _told.Where(g => !now.Contains(g))) table.Leave(guest, room);
        _told = now;
    }
}
