using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>Allocate, Refresh and CreatePermission for TCP (RFC 6062 sections 5.1 and 5.3). Methods give 0, having completed the success answer, or an error code.</summary>
internal sealed class TcpAllocations(TurnState state, ITurnTcpSink sink)
{
    private const byte Tcp = 6, IPv4Family = 1, IPv6Family = 2;
    private const int MaxTries = 64;

    private readonly Dictionary<FiveTuple, TcpAllocation> _allocations = [];

    public int Count => _allocations.Count;

    private TurnSettings Settings => state.Shared.Settings;

    public static bool IsWantedBy(StunMessage message) => message.TryGet(StunAttribute.RequestedTransport, out var transport) && transport.Length == 4 && transport[0] == Tcp;

    public TcpAllocation? Find(in FiveTuple path) => _allocations.GetValueOrDefault(path);

    public int Allocate(scoped in TurnRequest request, ref StunWriter answer)
    {
        var message = request.Message;
        if (!Settings.TcpAllocations) return 442;
        if (state.Shared.Meters.IsRevoked(request.User.Account, request.NowMs)) return 403;
        if (message.Has(StunAttribute.EvenPort) || message.Has(StunAttribute.ReservationToken) || message.Has(StunAttribute.DontFragment)) return 400;
        var hasFamily = message.TryGet(StunAttribute.RequestedAddressFamily, out var family);
        if (hasFamily && family.Length != 4) return 400;
        if (hasFamily && family[0] is not (IPv4Family or IPv6Family)) return 440;
        var isIPv6 = hasFamily && family[0] == IPv6Family;
        if (!state.Shared.Addresses.Has(isIPv6)) return 440;
        // A guest's only peers are the media ports, and these are UDP's.
        if (request.User.IsGuest) return 403;
        if (!state.Shared.Use.TryTake(request.User.Account, 1, Settings.AllocationsPerAccount)) return state.RefuseQuota(request.User);
        if (Listen(isIPv6) is not { } relay)
        {
            state.Shared.Use.Release(request.User.Account);
            return 508;
        }

        var lifetime = TurnAllocator.Lifetime(message, Settings);
        var allocation = new TcpAllocation(request.Path, relay, request.User, new TurnCharge(request.User.Account), Settings.PeersPerAllocation)
        {
            ExpiresAt = request.NowMs + lifetime * 1000L,
            Meter = state.Shared.Meters.Attach(request.User.Account, request.User.IsGuest),
        };
        relay.Allocation = allocation;
        _allocations.Add(request.Path, allocation);
        state.Shared.TcpLive.Add(relay.Port, isIPv6);
        state.Counters.Allocations++;
        state.Counters.AllocationsMade++;
        answer.AddXorAddress(StunAttribute.XorRelayedAddress, state.Shared.Addresses.Advertise(relay.Port, isIPv6));
        answer.AddUInt32(StunAttribute.Lifetime, lifetime);
        answer.AddXorAddress(StunAttribute.XorMappedAddress, request.Path.Client);
        return 0;
    }

    public int Refresh(TcpAllocation allocation, scoped in TurnRequest request, ref StunWriter answer)
    {
        var message = request.Message;
        if (message.TryGet(StunAttribute.RequestedAddressFamily, out var family))
        {
            if (family.Length != 4) return 400;
            if (family[0] != (allocation.Relay.IsIPv6 ? IPv6Family : IPv4Family)) return 443;
        }

        var lifetime = message.TryGetUInt32(StunAttribute.Lifetime, out var wanted) && wanted == 0 ? 0 : TurnAllocator.Lifetime(message, Settings);
        if (lifetime == 0) Remove(allocation);
        else allocation.ExpiresAt = request.NowMs + lifetime * 1000L;
        answer.AddUInt32(StunAttribute.Lifetime, lifetime);
        return 0;
    }

    /// <summary>Permits all the peers that a request names to connect, or none.</summary>
    public int Permit(TcpAllocation allocation, scoped in TurnRequest request)
    {
        var peers = new List<UInt128>();
        foreach (var attribute in request.Message)
        {
            if (attribute.Type is StunAttribute.MessageIntegrity or StunAttribute.MessageIntegritySha256) break;
            if (attribute.Type != StunAttribute.XorPeerAddress) continue;
            if (!StunAddress.TryReadXor(attribute.Value, request.Message.TransactionId, out var peer)) return 400;
            if (peer.IsIPv4 == allocation.Relay.IsIPv6) return 443;
            if (!state.Shared.Policy.PermitsAddress(peer.Address, isGuest: false)) return 403;
            peers.Add(peer.Address);
        }

        if (peers.Count == 0) return 400;
        var nowMs = request.NowMs;
        if (!allocation.Peers.HasRoom(peers.Distinct().Count(p => !allocation.Peers.IsPermitted(p, nowMs)), nowMs)) return 508;
        foreach (var peer in peers) allocation.Peers.Permit(peer, nowMs);
        return 0;
    }

    public void RemoveExpired(long nowMs)
    {
        foreach (var allocation in _allocations.Values)
        {
            if (allocation.ExpiresAt <= nowMs) Remove(allocation);
        }
    }

    /// <summary>Ends an allocation with all of its connections.</summary>
    public void Remove(TcpAllocation allocation)
    {
        _allocations.Remove(allocation.Path);
        allocation.Relay.Allocation = null;
        foreach (var connection in allocation.Connections.Values) TcpConnections.Drop(state, connection);
        allocation.Connections.Clear();
        state.Shared.TcpLive.Remove(allocation.Relay.Port, allocation.Relay.IsIPv6);
        allocation.Relay.Close();
        state.Shared.TcpBound.Remove(allocation.Relay.Port, allocation.Relay.IsIPv6);
        state.Release(allocation.Charge);
        allocation.Meter.Detach();
        state.Counters.Allocations--;
    }

    /// <summary>Ends an account's allocations.</summary>
    public void Revoke(string account)
    {
        foreach (var allocation in _allocations.Values)
        {
            if (allocation.Charge.Account != account) continue;
            Remove(allocation);
            state.Counters.Revoked++;
        }
    }

    public void Close()
    {
        foreach (var allocation in _allocations.Values) Remove(allocation);
    }

    // Claimed in the table that all workers share, since sockets that connect from a port have to share it with the one that listens there.
    private TcpRelayPort? Listen(bool isIPv6)
    {
        var count = Settings.LastPort - Settings.FirstPort + 1;
        var start = state.Random.Next(count);
        for (int i = 0, tries = 0; i < count && tries < MaxTries; i++)
        {
            var port = Settings.FirstPort + ((start + i) % count);
            if (!state.Shared.TcpBound.TryAdd(port, isIPv6)) continue;
            if (sink.Listen((ushort)port, isIPv6) is { } relay) return relay;
            state.Shared.TcpBound.Remove(port, isIPv6);
            tries++;
        }

        return null;
    }
}
