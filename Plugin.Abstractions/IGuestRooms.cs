using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugin.Abstractions;

/// <summary>Knows which call room a guest is in; contributed by the plugin that serves rooms. Asked on the threads of the TURN server too, so it never blocks.</summary>
public interface IGuestRooms
{
    /// <summary>The bare address of the room that a guest calls or is in; null if there is none.</summary>
    /// <param name="guest">The guest's full address.</param>
    Jid? RoomOf(Jid guest);
}
