using System.Net;
using Parley.Media.Core;

namespace Parley.Media.Relay.Transports;

/// <summary>Gives ports to transports without ICE: what comes has nothing in it that would tell whose it is, so that each has ports of its own.</summary>
internal interface IRawPorts
{
    /// <summary>Whether a port of this very relay is meant: media would go round in circles.</summary>
    bool IsOwn(AddressKey peer);

    /// <summary>Opens a pair of ports, where a peer can be reached from; null if none is free, or there is no way to the peer.</summary>
    IRawPort? TryOpen(AddressKey peer, IRawReceiver receiver);
}

/// <summary>A pair of ports: an even one for RTP, the next for RTCP (RFC 3550 section 11). Closed by Dispose.</summary>
internal interface IRawPort : IDisposable
{
    /// <summary>Where RTP is taken.</summary>
    IPEndPoint Address { get; }

    /// <summary>Room for a datagram of RTP, at least 1,700 bytes; without <see cref="CommitRtp"/> the next call gives the same.</summary>
    Span<byte> Reserve();

    /// <summary>Queues what was written to the room, from the port of RTP.</summary>
    void CommitRtp(int length, scoped in AddressKey remote);

    /// <summary>Queues a datagram, from the port of RTCP.</summary>
    void SendRtcp(scoped ReadOnlySpan<byte> datagram, scoped in AddressKey remote);
}

/// <summary>Takes what comes to a pair of ports.</summary>
internal interface IRawReceiver
{
    /// <summary>Takes a datagram of either port; its bytes may be changed.</summary>
    void Receive(Span<byte> datagram, in AddressKey remote, long nowMs, long nowUs);
}
