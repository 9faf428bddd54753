using System.Buffers.Binary;
using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>An allocation (RFC 8656 section 6).</summary>
internal sealed class TurnAllocation(in FiveTuple path, RelayPort relay, TurnUser user, TurnCharge charge, StunMessage request, int maxPeers)
{
    private readonly ulong _transactionHead = BinaryPrimitives.ReadUInt64BigEndian(request.TransactionId);
    private readonly uint _transactionTail = BinaryPrimitives.ReadUInt32BigEndian(request.TransactionId[8..]);

    public FiveTuple Path { get; } = path;

    public RelayPort Relay { get; private set; } = relay;

    /// <summary>The port of the other family, where the client asked for both (RFC 8656 section 7.1).</summary>
    public RelayPort? Second { get; set; }

    public TurnUser User { get; } = user;

    /// <summary>On whose account it is.</summary>
    public TurnCharge Charge { get; set; } = charge;

    /// <summary>What its account relays.</summary>
    public required AccountMeter Meter { get; init; }

    public TurnPeers Peers { get; } = new(maxPeers);

    public long ExpiresAt { get; set; }

    /// <summary>The answer that the client got, for when it asks again because it did not.</summary>
    public byte[] Answer { get; set; } = [];

    /// <summary>The port of a family; null if it has none.</summary>
    public RelayPort? RelayOf(bool isIPv6) => Relay.IsIPv6 == isIPv6 ? Relay : Second?.IsIPv6 == isIPv6 ? Second : null;

    /// <summary>Gives up one of its two ports.</summary>
    public RelayPort Take(bool isIPv6)
    {
        var taken = RelayOf(isIPv6)!;
        if (taken == Relay) Relay = Second!;
        Second = null;
        return taken;
    }

    /// <summary>Whether a request is the one that made this allocation, once more (RFC 8656 section 7.2, step 2).</summary>
    public bool IsMadeBy(StunMessage request) =>
        BinaryPrimitives.ReadUInt64BigEndian(request.TransactionId) == _transactionHead && BinaryPrimitives.ReadUInt32BigEndian(request.TransactionId[8..]) == _transactionTail;
}
