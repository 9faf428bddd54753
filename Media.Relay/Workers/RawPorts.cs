using System.Net;
using System.Net.Sockets;
using Parley.Media.Core;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Workers;

/// <summary>What all workers know of the ports for transports without ICE.</summary>
/// <param name="First">The first port, even.</param>
/// <param name="Last">The last port.</param>
/// <param name="Bind">Where sockets bind; any address for the one that leads to the peer.</param>
/// <param name="IsLoopbackOnly">Whether only this machine is served.</param>
internal sealed record RawPortRange(int First, int Last, IPAddress Bind, bool IsLoopbackOnly)
{
    public int Pairs => (Last - First + 1) / 2;
}

/// <summary>One worker's pairs of ports for transports without ICE, opened as they are needed. On the worker's thread, but for <see cref="IsOwn"/>.</summary>
/// <param name="range">Which ports.</param>
/// <param name="batch">Where datagrams are received.</param>
/// <param name="services">The worker's; asked once something is opened.</param>
/// <param name="addresses">This machine's addresses.</param>
/// <param name="mediaPort">Whether a port is one of the workers' media ports.</param>
internal sealed class RawPorts(RawPortRange range, ReceiveBatch batch, Func<TransportServices> services, LocalAddresses addresses, Predicate<int> mediaPort) : IRawPorts
{
    // Beyond this the machine has other troubles, or the range is full: a worker must not stand still over it.
    private const int MaxTries = 500;

    private readonly List<RawPort> _busy = [];
    private IWorkerLoop? _loop;

    /// <summary>The worker begins.</summary>
    public void Start(IWorkerLoop loop) => _loop = loop;

    /// <inheritdoc/>
    public bool IsOwn(AddressKey peer)
    {
        if (!mediaPort(peer.Port) && (peer.Port < range.First || peer.Port > range.Last)) return false;
        var address = peer.ToIPEndPoint().Address;
        return IPAddress.IsLoopback(address) || addresses.Interfaces.Contains(address) || address.Equals(range.Bind);
    }

    /// <inheritdoc/>
    public IRawPort? TryOpen(AddressKey peer, IRawReceiver receiver)
    {
        if (_loop is not { } loop || FindLocal(peer.ToIPEndPoint()) is not { } local) return null;
        var (tries, start) = (Math.Min(range.Pairs, MaxTries), Random.Shared.Next(range.Pairs));
        for (var i = 0; i < tries; i++)
        {
            if (OpenPair(local, range.First + ((start + i) % range.Pairs * 2)) is not { } pair) continue;
            return new RawPort(this, loop, pair.Rtp, pair.Rtcp, batch, receiver, services());
        }

        return null;
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        foreach (var port in _busy) port.Flush();
        _busy.Clear();
    }

    /// <summary>A port has something to send.</summary>
    public void NoteBusy(RawPort port) => _busy.Add(port);

    /// <summary>A port is closed.</summary>
    public void Forget(RawPort port) => _busy.Remove(port);

    // Without a wildcard socket the kernel hands us nothing that came to another address; and the peer is told the one that leads to it.
    private IPAddress? FindLocal(IPEndPoint peer)
    {
        if (range.IsLoopbackOnly && !IPAddress.IsLoopback(peer.Address) && !addresses.Interfaces.Contains(peer.Address)) return null;
        var isAny = range.IsLoopbackOnly || range.Bind.Equals(IPAddress.Any) || range.Bind.Equals(IPAddress.IPv6Any);
        if (!isAny) return range.Bind.AddressFamily == peer.AddressFamily ? range.Bind : null;
        try
        {
            // Connecting a datagram socket sends nothing: it asks for the route.
            using var probe = new Socket(peer.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(peer);
            return ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null; // no way there
        }
    }

    private static (UdpSocket Rtp, UdpSocket Rtcp)? OpenPair(IPAddress local, int port)
    {
        UdpSocket? rtp = null;
        try
        {
            rtp = UdpSocket.Open(new(local, port), bufferBytes: RawPort.BufferBytes);
            return (rtp, UdpSocket.Open(new(local, port + 1), bufferBytes: RawPort.BufferBytes));
        }
        catch (SocketException)
        {
            rtp?.Dispose(); // one of the two is taken: another pair
            return null;
        }
    }
}
