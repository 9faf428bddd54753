using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugin.Abstractions;

/// <summary>
/// Stands in for a chat room's occupants towards one another in one matter; contributed by the plugin that sees to it, asked by the one that serves chat rooms. While somebody in a room says a certain
/// element in presence, such as a call's, an occupant of the plugin's says it too, and nobody else's is shown to others: so clients deal with that occupant alone. Calls return at once.
/// </summary>
public interface IRoomStandIn
{
    /// <summary>The element's name.</summary>
    string Name { get; }

    /// <summary>The element's namespace.</summary>
    string Namespace { get; }

    /// <summary>Decides for a room when its first occupant says the element; it holds until none does any more.</summary>
    /// <param name="room">The room's bare address.</param>
    /// <returns>Who stands in; null to leave the room as it is.</returns>
    StandIn? Choose(Jid room);

    /// <summary>Tells that a client says the element in a room where somebody stands in, before it sees that occupant.</summary>
    /// <param name="room">The room's bare address.</param>
    /// <param name="client">The client's real full address.</param>
    void OnSaying(Jid room, Jid client);

    /// <summary>Tells that a client does not say it any more, or is out of the room, for whatever reason.</summary>
    /// <param name="room">The room's bare address.</param>
    /// <param name="client">The client's real full address.</param>
    void OnSilent(Jid room, Jid client);
}

/// <summary>An occupant that a plugin puts into a chat room. Everybody is told its real address; nothing that is said in the room comes to it, and it is on none of the room's lists.</summary>
/// <param name="Jid">Its real full address.</param>
/// <param name="Nick">The nickname; it gets another where somebody has that one.</param>
/// <param name="Payload">What its presence says: the element.</param>
public sealed record StandIn(Jid Jid, string Nick, Element Payload);
