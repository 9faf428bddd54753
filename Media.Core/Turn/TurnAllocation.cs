using System.Buffers.Binary;
using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>An allocation (RFC 8656 section 6).</summary>
internal sealed class TurnAllocation(in FiveTuple path, RelayPort relay, TurnUser user, TurnCharge charge, StunMessage request, int maxPeers)
{
    private readonly ulong _transactionHead = BinaryPrimitives.ReadUInt64BigEndian(request.TransactionId);
    private readonly uint _transactionTail = BinaryPrimitives.ReadUInt32BigEndian(request.TransactionId[8..]);

    public FiveTuple Path { get; } = path;

    public RelayPort Relay { get; } = relay;

    public TurnUser User { get; } = user;

    /// <summary>On whose account it is.</summary>
    public TurnCharge Charge { get; set; } = charge;

    public TurnPeers Peers { get; } = new(maxPeers);

    public long ExpiresAt { get; set; }

    /// <summary>The answer that the client got, for when it asks again because it did not.</summary>
    public byte[] Answer { get; set; } = [];

    /// <summary>Whether a request is the one that made this allocation, once more (RFC 8656 section 7.2, step 2).</summary>
    public bool IsMadeBy(StunMessage request) =>
        BinaryPrimitives.ReadUInt64BigEndian(request.TransactionId) == _transactionHead && BinaryPrimitives.ReadUInt32BigEndian(request.TransactionId[8..]) == _transactionTail;
}
