using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Streams;

/// <summary>Something to write to a client.</summary>
/// <param name="Bytes">Its form in the carrier's framing.</param>
/// <param name="Stanza">The stanza, where it must not be lost unnoticed.</param>
/// <param name="Delivery">Who hears what becomes of it.</param>
/// <param name="Since">When it was queued, in UTC ticks.</param>
/// <param name="IsKept">Whether the stream's <see cref="Management.StanzaLog"/> keeps it until it is acknowledged.</param>
internal readonly record struct Outgoing(ReadOnlyMemory<byte> Bytes, Stanza? Stanza = null, Delivery? Delivery = null, long Since = 0, bool IsKept = false);

/// <summary>What became of something to write.</summary>
internal enum Enqueued
{
    /// <summary>It will be written in its turn.</summary>
    Yes,
    /// <summary>There is no room for it.</summary>
    Full,
    /// <summary>The stream is over.</summary>
    Over,
    /// <summary>The stream is managed since: the stanza belongs into its log first.</summary>
    Managed,
}
