namespace Parley.Media.Core.Turn;

/// <summary>A TCP allocation (RFC 6062 section 3).</summary>
internal sealed class TcpAllocation(in FiveTuple path, TcpRelayPort relay, TurnUser user, TurnCharge charge, int maxPeers)
{
    public FiveTuple Path { get; } = path;

    public TcpRelayPort Relay { get; } = relay;

    public TurnUser User { get; } = user;

    public TurnCharge Charge { get; } = charge;

    /// <summary>What its account relays.</summary>
    public required AccountMeter Meter { get; init; }

    /// <summary>Who may connect.</summary>
    public TurnPeers Peers { get; } = new(maxPeers);

    /// <summary>Its connections, those that are being made among them: one to a peer (section 5.2).</summary>
    public Dictionary<AddressKey, PeerConnection> Connections { get; } = [];

    public long ExpiresAt { get; set; }
}
