using System.Buffers.Binary;
using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>CreatePermission and ChannelBind (RFC 8656 sections 10.2 and 12.2). Methods give 0 or an error code.</summary>
internal sealed class TurnPermissions(TurnState state)
{
    // RFC 8656 ends the range at 0x4FFF; RFC 5766 had it to here, coturn's client still takes any number of it, and nothing else on this port begins so.
    private const int FirstChannel = 0x4000, LastChannel = 0x7FFF;

    /// <summary>Permits all the peers that a request names, or none.</summary>
    public int CreatePermission(scoped in TurnRequest request)
    {
        if (request.Allocation is not { } allocation) return 437;
        var count = 0;
        foreach (var attribute in request.Message)
        {
            if (attribute.Type is StunAttribute.MessageIntegrity or StunAttribute.MessageIntegritySha256) break;
            if (attribute.Type != StunAttribute.XorPeerAddress) continue;
            if (!StunAddress.TryReadXor(attribute.Value, request.Message.TransactionId, out var peer)) return 400;
            if (allocation.RelayOf(!peer.IsIPv4) is null) return 443;
            if (!state.Shared.Policy.PermitsAddress(peer.Address, allocation.User.IsGuest)) return 403;
            if (!allocation.Peers.IsPermitted(peer.Address, request.NowMs)) count++;
        }

        if (!request.Message.Has(StunAttribute.XorPeerAddress)) return 400;
        if (!allocation.Peers.HasRoom(count, request.NowMs)) return 508;
        foreach (var attribute in request.Message)
        {
            if (attribute.Type is StunAttribute.MessageIntegrity or StunAttribute.MessageIntegritySha256) break;
            if (attribute.Type != StunAttribute.XorPeerAddress) continue;
            if (StunAddress.TryReadXor(attribute.Value, request.Message.TransactionId, out var peer)) allocation.Peers.Permit(peer.Address, request.NowMs);
        }

        return 0;
    }

    /// <summary>Binds a channel.</summary>
    public int ChannelBind(scoped in TurnRequest request)
    {
        if (request.Allocation is not { } allocation) return 437;
        if (!request.Message.TryGet(StunAttribute.ChannelNumber, out var value) || value.Length != 4) return 400;
        var number = BinaryPrimitives.ReadUInt16BigEndian(value);
        if (number is < FirstChannel or > LastChannel) return 400;
        if (!request.Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var peer)) return 400;
        if (allocation.RelayOf(!peer.IsIPv4) is null) return 443;
        if (!state.Shared.Policy.PermitsData(peer.Address, peer.Port, allocation.User.IsGuest)) return 403;
        return allocation.Peers.Bind(number, peer, request.NowMs);
    }
}
