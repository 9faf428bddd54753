namespace Parley.Media.Core.Turn;

/// <summary>A TCP connection between an allocation and a peer (RFC 6062 section 3). Its allocation's worker makes and ends it; the worker whose client takes it carries it.</summary>
public abstract class PeerConnection
{
    /// <summary>Whose it is; null once it was given up.</summary>
    internal TcpAllocation? Allocation { get; set; }

    /// <summary>What counts its bytes and says when to pause; set before a client can take it.</summary>
    public AccountMeter? Meter { get; internal set; }

    /// <summary>The peer as the client knows it.</summary>
    internal AddressKey Peer { get; set; }

    /// <summary>Its CONNECTION-ID; 0 before it stands.</summary>
    internal uint Id { get; set; }

    /// <summary>The username that may take it.</summary>
    internal byte[] Owner { get; set; } = [];

    /// <summary>Who waits for it to stand; null where the peer made it.</summary>
    internal TurnReply? Reply { get; set; }

    /// <summary>Cuts it. From any thread, however often.</summary>
    public abstract void Close();
}

/// <summary>A TCP port of the relay range, on which peers may connect.</summary>
/// <param name="port">The port.</param>
/// <param name="isIPv6">Its family.</param>
public abstract class TcpRelayPort(ushort port, bool isIPv6)
{
    /// <summary>The port.</summary>
    public ushort Port { get; } = port;

    /// <summary>Its family.</summary>
    public bool IsIPv6 { get; } = isIPv6;

    internal TcpAllocation? Allocation { get; set; }

    /// <summary>Stops listening.</summary>
    public abstract void Close();
}

/// <summary>What TCP allocations do to the world. Called on the worker's own thread.</summary>
public interface ITurnTcpSink
{
    /// <summary>Listens at a port; null if it cannot be had. Who connects is told by <see cref="TurnTcp.Accepted"/>.</summary>
    TcpRelayPort? Listen(ushort port, bool isIPv6);

    /// <summary>Connects from a relay port to a peer; what comes of it is told by <see cref="TurnTcp.Connected"/> within 30 s (RFC 6062 section 5.2).</summary>
    PeerConnection Connect(TcpRelayPort from, AddressKey to);

    /// <summary>From the answer on that is being made, what comes over a client's connection is for the peer, and the other way round.</summary>
    /// <param name="connection">The client's, see <see cref="FiveTuple.Connection"/>.</param>
    /// <param name="peer">The peer's, of this or another worker.</param>
    void Join(ulong connection, PeerConnection peer);
}
