using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Muc.Storage;

/// <summary>What is read of a stored room before anybody comes.</summary>
/// <param name="Key">Its address as it is stored.</param>
/// <param name="Address">Its address; null if it is none.</param>
/// <param name="Creator">Who made it; null if that is not known.</param>
/// <param name="Config">Its configuration; null if the room cannot be read.</param>
/// <param name="Fault">Why it cannot be; null if it can.</param>
internal sealed record ListedRoom(string Key, Jid? Address, Jid? Creator, RoomConfig? Config, Exception? Fault);
