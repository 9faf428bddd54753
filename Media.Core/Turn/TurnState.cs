using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>What the parts of one worker's TURN server have in common.</summary>
internal sealed class TurnState(TurnShared shared, ITurnSink sink, Random random)
{
    public TurnShared Shared { get; } = shared;

    public ITurnSink Sink { get; } = sink;

    public Random Random { get; } = random;

    public Dictionary<FiveTuple, TurnAllocation> Allocations { get; } = [];

    public TurnCounters Counters { get; } = new();

    /// <summary>The attributes that are understood. DONT-FRAGMENT is where the sink can; ACCESS-TOKEN (RFC 7635) is not.</summary>
    public StunAttribute[] Known { get; } = sink.CanForbidFragments ? [.. Understood, StunAttribute.DontFragment] : Understood;

    private static StunAttribute[] Understood =>
    [
        StunAttribute.MappedAddress, StunAttribute.Username, StunAttribute.MessageIntegrity, StunAttribute.ErrorCode, StunAttribute.UnknownAttributes,
        StunAttribute.ChannelNumber, StunAttribute.Lifetime, StunAttribute.XorPeerAddress, StunAttribute.Data, StunAttribute.Realm, StunAttribute.Nonce,
        StunAttribute.XorRelayedAddress, StunAttribute.RequestedAddressFamily, StunAttribute.EvenPort, StunAttribute.RequestedTransport,
        StunAttribute.MessageIntegritySha256, StunAttribute.PasswordAlgorithm, StunAttribute.Userhash, StunAttribute.XorMappedAddress, StunAttribute.ReservationToken,
        StunAttribute.ConnectionId,
    ];

    public TurnAllocation? Find(in FiveTuple path, long nowMs)
    {
        if (!Allocations.TryGetValue(path, out var allocation)) return null;
        if (allocation.ExpiresAt > nowMs) return allocation;
        Remove(allocation);
        return null;
    }

    public void Add(TurnAllocation allocation)
    {
        Allocations.Add(allocation.Path, allocation);
        Open(allocation, allocation.Relay);
        if (allocation.Second is { } second) Open(allocation, second);
        Counters.Allocations++;
        Counters.AllocationsMade++;
    }

    public void Remove(TurnAllocation allocation)
    {
        Allocations.Remove(allocation.Path);
        Close(allocation, allocation.Relay);
        if (allocation.Second is { } second) Close(allocation, second);
        allocation.Meter.Detach();
        Counters.Allocations--;
    }

    /// <summary>Ends one family of an allocation that has both.</summary>
    public void RemoveFamily(TurnAllocation allocation, bool isIPv6) => Close(allocation, allocation.Take(isIPv6));

    /// <summary>Closes a relay port, and takes it off its account.</summary>
    public void Free(RelayPort relay, TurnCharge charge)
    {
        relay.Close();
        Shared.Bound.Remove(relay.Port, relay.IsIPv6);
        Release(charge);
    }

    /// <summary>Takes a port off its account.</summary>
    public void Release(TurnCharge charge)
    {
        Shared.Use.Release(charge.Account);
        if (charge.Room is { } room) Shared.Use.Release(room);
    }

    /// <summary>Notes that a limit refused an allocation, and gives the error code.</summary>
    public int RefuseQuota(TurnUser user)
    {
        Counters.OverQuota++;
        Shared.Meters.CountRefused(user.Account, user.IsGuest);
        return 486;
    }

    private void Open(TurnAllocation allocation, RelayPort relay)
    {
        relay.Allocation = allocation;
        Shared.Live.Add(relay.Port, relay.IsIPv6);
        Sink.Adopt(relay);
    }

    private void Close(TurnAllocation allocation, RelayPort relay)
    {
        relay.Allocation = null;
        Shared.Live.Remove(relay.Port, relay.IsIPv6);
        Free(relay, allocation.Charge);
    }

    public void Send(in FiveTuple to, scoped ReadOnlySpan<byte> datagram)
    {
        var room = Sink.Reserve(to, datagram.Length);
        if (room.IsEmpty) Counters.NoRoom++;
        else datagram.CopyTo(room);
    }
}

/// <summary>A request whose credentials were accepted.</summary>
internal readonly ref struct TurnRequest(StunMessage message, FiveTuple path, TurnUser user, TurnAllocation? allocation, long nowMs)
{
    public StunMessage Message { get; } = message;

    public FiveTuple Path { get; } = path;

    public TurnUser User { get; } = user;

    /// <summary>The allocation of the five-tuple, if it has one.</summary>
    public TurnAllocation? Allocation { get; } = allocation;

    public long NowMs { get; } = nowMs;

    /// <summary>How it was accepted.</summary>
    public TurnAuthentication Authentication { get; init; }
}
