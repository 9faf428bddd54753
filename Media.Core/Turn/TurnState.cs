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
        allocation.Relay.Allocation = allocation;
        Shared.Live.Add(allocation.Relay.Port, allocation.Relay.IsIPv6);
        Sink.Adopt(allocation.Relay);
        Counters.Allocations++;
        Counters.AllocationsMade++;
    }

    public void Remove(TurnAllocation allocation)
    {
        Allocations.Remove(allocation.Path);
        allocation.Relay.Allocation = null;
        Shared.Live.Remove(allocation.Relay.Port, allocation.Relay.IsIPv6);
        Free(allocation.Relay, allocation.Charge);
        Counters.Allocations--;
    }

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
