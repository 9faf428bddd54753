using System.Buffers.Binary;
using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>Data both ways (RFC 8656 sections 11 and 12). Nothing is answered and nothing is allocated here; what may not pass is counted and dropped.</summary>
internal sealed class TurnRelaying(TurnState state)
{
    private const int ChannelHeader = 4, AttributeHeader = 4;

    // Nobody answers an indication, so its transaction id need only differ from the last: a random start, counted up.
    private readonly byte[] _transaction = NewTransaction(state.Random);

    private TurnCounters Counters => state.Counters;

    /// <summary>A ChannelData message of a client. Over UDP it may be padded to a multiple of 4, over a stream it is (section 12.5).</summary>
    public void FromChannel(in FiveTuple path, ReadOnlySpan<byte> datagram, long nowMs)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (datagram.Length < ChannelHeader + length || datagram.Length > ChannelHeader + StunMessage.Padded(length))
        {
            Counters.Malformed++;
            return;
        }

        var allocation = state.Find(path, nowMs);
        if (allocation?.Peers.Channel(BinaryPrimitives.ReadUInt16BigEndian(datagram), nowMs) is { } channel)
            ToPeer(allocation, channel.Peer, datagram.Slice(ChannelHeader, length), nowMs);
        else Counters.Unbound++;
    }

    /// <summary>A Send indication of a client.</summary>
    public void FromSend(in FiveTuple path, StunMessage message, long nowMs)
    {
        Span<StunAttribute> unknown = stackalloc StunAttribute[1];
        if (!message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var peer) || !message.TryGet(StunAttribute.Data, out var data) ||
            message.FindUnknownRequired(state.Known, unknown) > 0) // DONT-FRAGMENT among them, where it cannot be honoured
        {
            Counters.Malformed++;
            return;
        }

        var allocation = state.Find(path, nowMs);
        if (allocation is not null && allocation.Peers.IsPermitted(peer.Address, nowMs)) ToPeer(allocation, peer, data, nowMs, message.Has(StunAttribute.DontFragment));
        else Counters.Unbound++;
    }

    /// <summary>A datagram that came to a relay port.</summary>
    public void FromPeer(TurnAllocation allocation, AddressKey peer, ReadOnlySpan<byte> data, long nowMs)
    {
        var peers = allocation.Peers;
        var shown = Shown(peers, peer, nowMs);
        if (allocation.ExpiresAt <= nowMs || !peers.IsPermitted(shown.Address, nowMs))
        {
            Counters.Unpermitted++;
            return;
        }

        if (!state.Shared.Policy.PermitsData(shown.Address, shown.Port, allocation.User.IsGuest))
        {
            Counters.RefusedPeers++;
            return;
        }

        if (!TryPass(allocation, data.Length, nowMs)) return;

        // A channel outlives its permission (600 s and 300 s), and is no permission itself.
        var sent = peers.Channel(shown, nowMs) is not { } channel ? SendData(allocation.Path, shown, data) : SendChannel(allocation.Path, channel.Number, data);
        if (!sent)
        {
            Counters.NoRoom++;
            return;
        }

        Counters.ToClients++;
        Counters.BytesToClients += data.Length;
        allocation.Meter.CountToClient(data.Length);
    }

    /// <summary>An ICMP error about a datagram to a peer: told to the client in a Data indication without data, if the peer is permitted (section 11.5).</summary>
    public void FromIcmp(TurnAllocation allocation, AddressKey peer, IcmpError error, long nowMs)
    {
        var shown = Shown(allocation.Peers, peer, nowMs);
        if (!error.IsTold(shown.IsIPv4)) return;
        if (allocation.ExpiresAt <= nowMs || !allocation.Peers.IsPermitted(shown.Address, nowMs))
        {
            Counters.Unpermitted++;
            return;
        }

        if (!TryPass(allocation, 0, nowMs)) return;
        var room = state.Sink.Reserve(allocation.Path, StunMessage.HeaderLength + AttributeHeader + (shown.IsIPv4 ? 8 : 20) + AttributeHeader + IcmpError.Length, isRelayed: true);
        if (room.IsEmpty)
        {
            Counters.NoRoom++;
            return;
        }

        Span<byte> value = stackalloc byte[IcmpError.Length];
        error.Write(value);
        var writer = new StunWriter(room, StunClass.Indication, StunMethod.Data, NextTransaction());
        writer.AddXorAddress(StunAttribute.XorPeerAddress, shown);
        writer.Add(StunAttribute.Icmp, value);
        Counters.IcmpErrors++;
    }

    private AddressKey Shown(TurnPeers peers, AddressKey peer, long nowMs) =>
        state.Shared.Addresses.TryOutward(peer.Address, out var advertised) && peers.IsPermitted(advertised, nowMs) ? peer with { Address = advertised } : peer;

    private ReadOnlySpan<byte> NextTransaction()
    {
        BinaryPrimitives.WriteUInt64BigEndian(_transaction, BinaryPrimitives.ReadUInt64BigEndian(_transaction) + 1);
        return _transaction;
    }

    private void ToPeer(TurnAllocation allocation, AddressKey peer, ReadOnlySpan<byte> data, long nowMs, bool dontFragment = false)
    {
        // A permission names no port and a port of ours may have changed hands since, so each datagram is judged.
        if (allocation.RelayOf(!peer.IsIPv4) is not { } relay || !state.Shared.Policy.PermitsData(peer.Address, peer.Port, allocation.User.IsGuest))
        {
            Counters.RefusedPeers++;
            return;
        }

        if (!TryPass(allocation, data.Length, nowMs)) return;
        relay.Send(peer with { Address = state.Shared.Addresses.Inward(peer.Address) }, data, dontFragment);
        Counters.ToPeers++;
        Counters.BytesToPeers += data.Length;
        allocation.Meter.CountToPeer(data.Length);
    }

    private bool TryPass(TurnAllocation allocation, int bytes, long nowMs)
    {
        if (allocation.Meter.TryPass(bytes, nowMs)) return true;
        Counters.OverRate++;
        return false;
    }

    private bool SendChannel(in FiveTuple to, ushort number, ReadOnlySpan<byte> data)
    {
        var room = state.Sink.Reserve(to, ChannelHeader + data.Length, isRelayed: true);
        if (room.IsEmpty) return false;
        BinaryPrimitives.WriteUInt16BigEndian(room, number);
        BinaryPrimitives.WriteUInt16BigEndian(room[2..], (ushort)data.Length);
        data.CopyTo(room[ChannelHeader..]);
        return true;
    }

    private bool SendData(in FiveTuple to, AddressKey peer, ReadOnlySpan<byte> data)
    {
        var length = StunMessage.HeaderLength + AttributeHeader + (peer.IsIPv4 ? 8 : 20) + AttributeHeader + StunMessage.Padded(data.Length);
        var room = state.Sink.Reserve(to, length, isRelayed: true);
        if (room.IsEmpty) return false;
        var writer = new StunWriter(room, StunClass.Indication, StunMethod.Data, NextTransaction());
        writer.AddXorAddress(StunAttribute.XorPeerAddress, peer);
        writer.Add(StunAttribute.Data, data);
        return true;
    }

    private static byte[] NewTransaction(Random random)
    {
        var id = new byte[12];
        random.NextBytes(id);
        return id;
    }
}
