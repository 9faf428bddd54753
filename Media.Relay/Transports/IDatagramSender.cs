using Parley.Media.Core;

namespace Parley.Media.Relay.Transports;

/// <summary>Where a worker's datagrams go out: written in place, sent once per round.</summary>
internal interface IDatagramSender
{
    /// <summary>Room for a datagram that will leave from a local address, at least 1,700 bytes; without <see cref="Commit"/> the next call gives the same.</summary>
    Span<byte> Reserve(scoped in AddressKey local);

    /// <summary>Queues what was written to the room reserved last.</summary>
    void Commit(int length, scoped in AddressKey local, scoped in AddressKey remote);
}
