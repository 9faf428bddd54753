namespace Parley.Media.Core.Turn;

/// <summary>What one worker's TURN server did. Written by its thread alone; others may read figures that are a moment old.</summary>
public sealed class TurnCounters
{
    /// <summary>Allocations that live now.</summary>
    public long Allocations { get; internal set; }

    /// <summary>Allocations made since the start.</summary>
    public long AllocationsMade { get; internal set; }

    /// <summary>Datagrams relayed from clients to peers.</summary>
    public long ToPeers { get; internal set; }

    /// <summary>Datagrams relayed from peers to clients.</summary>
    public long ToClients { get; internal set; }

    /// <summary>Bytes of data relayed to peers.</summary>
    public long BytesToPeers { get; internal set; }

    /// <summary>Bytes of data relayed to clients.</summary>
    public long BytesToClients { get; internal set; }

    /// <summary>Bytes of data relayed in both directions.</summary>
    public long Bytes => BytesToPeers + BytesToClients;

    /// <summary>Allocations refused for the limits of an account, guests' group or room.</summary>
    public long OverQuota { get; internal set; }

    /// <summary>Datagrams dropped because an account was over its bytes or packets a second.</summary>
    public long OverRate { get; internal set; }

    /// <summary>Allocations ended because their account was removed.</summary>
    public long Revoked { get; internal set; }

    /// <summary>Requests refused for their credentials (401 to requests that carried some).</summary>
    public long Unauthorized { get; internal set; }

    /// <summary>Datagrams that are no message, or none that a client sends.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Requests left unanswered because their network's budget was spent.</summary>
    public long OverBudget { get; internal set; }

    /// <summary>Data from clients without a live allocation, permission or channel for it.</summary>
    public long Unbound { get; internal set; }

    /// <summary>Data to or from a peer that the policy refuses.</summary>
    public long RefusedPeers { get; internal set; }

    /// <summary>Data from peers without permission.</summary>
    public long Unpermitted { get; internal set; }

    /// <summary>ICMP errors about peers told to clients.</summary>
    public long IcmpErrors { get; internal set; }

    /// <summary>Datagrams lost because there was no room to send them.</summary>
    public long NoRoom { get; internal set; }
}
