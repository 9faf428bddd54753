using Parley.Media.Core;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

/// <summary>The sockets of a worker's TCP allocations, as a test plays them.</summary>
internal sealed class TcpWorld : ITurnTcpSink
{
    public List<Listener> Listeners { get; } = [];

    /// <summary>Connections that are being made, with where they go.</summary>
    public List<(Peer Peer, Listener From, AddressKey To)> Connecting { get; } = [];

    public List<(ulong Connection, Peer Peer)> Joined { get; } = [];

    public TcpRelayPort? Listen(ushort port, bool isIPv6)
    {
        Listeners.Add(new Listener(port, isIPv6));
        return Listeners[^1];
    }

    public PeerConnection Connect(TcpRelayPort from, AddressKey to)
    {
        var peer = new Peer();
        Connecting.Add((peer, (Listener)from, to));
        return peer;
    }

    public void Join(ulong connection, PeerConnection peer) => Joined.Add((connection, (Peer)peer));

    internal sealed class Listener(ushort port, bool isIPv6) : TcpRelayPort(port, isIPv6)
    {
        public bool IsClosed { get; private set; }

        public override void Close() => IsClosed = true;
    }

    internal sealed class Peer : PeerConnection
    {
        public bool IsClosed { get; private set; }

        public override void Close() => IsClosed = true;
    }
}
