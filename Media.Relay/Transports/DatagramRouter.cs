using System.Collections.Frozen;
using Parley.Media.Core;
using Parley.Media.Core.Ice;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;

namespace Parley.Media.Relay.Transports;

/// <summary>Gives each datagram of a media port to its transport. What belongs to none is dropped and counted, never answered.</summary>
internal sealed class DatagramRouter(TransportTable table, RelayCounters counters, ForwardQueue forwards)
{
    /// <summary>On a loopback-only server: this machine's addresses, the only ones that are heard. Null where everybody is.</summary>
    public FrozenSet<UInt128>? AllowedSources { get; set; }

    /// <summary>Takes a datagram of a batch; its bytes are changed.</summary>
    public void Receive(Span<byte> datagram, in AddressKey local, in AddressKey remote, long nowMs, long nowUs)
    {
        var reason = Route(datagram, new(local, remote), nowMs, nowUs);
        if (reason != DropReason.None) counters.Drop(reason);
    }

    /// <summary>The batch is over: its media goes out.</summary>
    public void EndBatch(long nowMs) => forwards.Drain(nowMs);

    private DropReason Route(Span<byte> datagram, in MediaPath path, long nowMs, long nowUs)
    {
        if (AllowedSources is { } allowed && !allowed.Contains(path.Remote.Address) && !IsLoopback(path.Remote)) return DropReason.ForeignSource;
        var kind = DatagramKinds.Classify(datagram);
        if (kind == DatagramKind.Stun) return RouteStun(datagram, path, nowMs);
        if (kind is not (DatagramKind.Rtp or DatagramKind.Rtcp or DatagramKind.Dtls)) return DropReason.UnknownProtocol;
        if (!table.TryFind(path, out var transport)) return DropReason.UnknownPath;
        return kind switch
        {
            DatagramKind.Rtp => transport.ReceiveRtp(datagram, nowMs, nowUs),
            DatagramKind.Rtcp => transport.ReceiveRtcp(datagram, nowMs),
            _ => transport.ReceiveDtls(datagram, nowMs),
        };
    }

    // All of 127/8 is this machine; a set cannot list it.
    private static bool IsLoopback(in AddressKey address) => AddressBits.IsIPv4(address.Address, out var ipv4) && ipv4 >> 24 == 127;

    private DropReason RouteStun(ReadOnlySpan<byte> datagram, in MediaPath path, long nowMs)
    {
        if (!StunMessage.TryParse(datagram, out var message)) return DropReason.StunMalformed;
        IceTransport transport;
        var isCheck = message.Class == StunClass.Request;
        if (isCheck)
        {
            if (!IceCredentials.TryReadUfragKey(message, out var key) || !table.TryFind(key, out transport)) return DropReason.StunUnknown;
        }
        else if (!table.TryFind(path, out transport)) return DropReason.StunUnknown;

        return transport.ReceiveStun(datagram, path, isCheck, nowMs);
    }
}
