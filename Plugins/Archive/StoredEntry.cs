using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Archive;

/// <summary>An entry as it is stored.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Time">When it came.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="Message">The message.</param>
/// <param name="Peer">The fingerprint of whom it is with.</param>
/// <param name="Resource">Their resource; null for a bare address.</param>
/// <param name="Bytes">The message's size.</param>
internal sealed record StoredEntry(long Number, DateTimeOffset Time, Jid Author, Message Message, long Peer, string? Resource, int Bytes);
