namespace Parley.Media.Core.Turn;

/// <summary>What a <see cref="TurnServer"/> does to the world: sends to its clients and opens relay ports. Called on the worker's own thread.</summary>
public interface ITurnSink
{
    /// <summary>
    /// Gives room for a message to a client, which is filled at once and sent with the next flush; empty where there is none, and the message is lost. To a stream it is
    /// padded to a multiple of 4 (RFC 8656 section 12.5).
    /// </summary>
    /// <param name="to">The client.</param>
    /// <param name="length">The message's length.</param>
    /// <param name="isRelayed">Whether it is a peer's data, which may be lost where a client reads too slowly; an answer may not.</param>
    Span<byte> Reserve(in FiveTuple to, int length, bool isRelayed = false);

    /// <summary>Whether datagrams to peers can be sent with the DF bit (RFC 8656 section 18.9).</summary>
    bool CanForbidFragments { get; }

    /// <summary>Binds a relay port for this server alone; null if it cannot be had.</summary>
    RelayPort? Open(ushort port, bool isIPv6);

    /// <summary>From now on hands what arrives at a port, opened by this or another worker, to this server (<see cref="TurnServer.HandlePeer"/>).</summary>
    void Adopt(RelayPort relay);
}

/// <summary>A bound port of the relay range. Until it is adopted nobody reads it, so it may wait in a table that all workers share.</summary>
/// <param name="port">The port.</param>
/// <param name="isIPv6">Its family.</param>
public abstract class RelayPort(ushort port, bool isIPv6)
{
    /// <summary>The port.</summary>
    public ushort Port { get; } = port;

    /// <summary>Its family.</summary>
    public bool IsIPv6 { get; } = isIPv6;

    internal TurnAllocation? Allocation { get; set; }

    /// <summary>Sends to a peer with the next flush of the worker that adopted it.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="data">The data.</param>
    /// <param name="dontFragment">With the DF bit: what is too long for the path is lost, and its router says so.</param>
    public abstract void Send(AddressKey peer, ReadOnlySpan<byte> data, bool dontFragment = false);

    /// <summary>Closes it.</summary>
    public abstract void Close();
}
