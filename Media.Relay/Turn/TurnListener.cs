using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Turn;

/// <summary>One of a worker's sockets that clients come to, and its queue.</summary>
internal sealed class TurnListener(UdpSocket socket, ReceiveBatch batch, TurnServer server) : IReadable, IDisposable
{
    /// <summary>Batches per round and socket; what is left comes with the next round.</summary>
    private const int MaxBatches = 4;

    // More than a socket's buffer can hold.
    private const int MaxDiscardedBatches = 1024;

    public UdpSocket Socket => socket;

    public SendQueue Queue { get; } = new(socket);

    /// <inheritdoc/>
    public void OnReadable(long nowMs)
    {
        for (var i = 0; i < MaxBatches; i++)
        {
            var received = batch.Receive(socket);
            foreach (ref readonly var datagram in received) server.Handle(new FiveTuple(datagram.Remote, datagram.Local), batch.Bytes(datagram), nowMs);
            if (received.Length < ReceiveBatch.Capacity / 2) return;
        }
    }

    /// <summary>Discards what came before all workers' sockets were open: it may belong to another worker now.</summary>
    public void Discard()
    {
        for (var i = 0; i < MaxDiscardedBatches && !batch.Receive(socket).IsEmpty; i++)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Queue.Dispose();
        socket.Dispose();
    }

    /// <summary>Opens a worker's sockets: one where it is bound to one address, else one for each family that the machine has.</summary>
    /// <param name="bind">Where; any address for all.</param>
    /// <param name="port">The port, 0 for the kernel's choice.</param>
    /// <param name="isFirst">Whether nobody of this server has the port yet: then nobody else may. A shared port alone would let a second server in unnoticed.</param>
    /// <exception cref="RelayStartException">The port is taken, and the like.</exception>
    public static IReadOnlyList<UdpSocket> OpenSockets(IPAddress bind, int port, bool isFirst)
    {
        var isAny = bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any);
        var sockets = new List<UdpSocket> { Open(isAny ? IPAddress.Any : bind, port, isFirst) };
        try
        {
            if (isAny && System.Net.Sockets.Socket.OSSupportsIPv6) sockets.Add(Open(IPAddress.IPv6Any, sockets[0].Port, isFirst));
        }
        catch (RelayStartException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable })
        {
            // The kernel has IPv6 turned off: IPv4 alone it is.
        }
        catch
        {
            sockets[0].Dispose();
            throw;
        }

        return sockets;
    }

    private static UdpSocket Open(IPAddress address, int port, bool isFirst)
    {
        try
        {
            if (isFirst)
            {
                using var alone = UdpSocket.Open(new(address, port), ipv6Only: true);
                port = alone.Port;
            }

            return UdpSocket.Open(new(address, port), reusePort: true, ipv6Only: true);
        }
        catch (SocketException e)
        {
            var why = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "is taken by another program; set another port, or Turn:Enabled to false",
                SocketError.AccessDenied => "may not be used by this user; set a port above 1023",
                SocketError.AddressNotAvailable => "cannot be used: the address is not one of this machine",
                _ => $"cannot be used: {e.Message}",
            };
            throw new RelayStartException(string.Create(CultureInfo.InvariantCulture, $"Turn:Port: UDP port {port} at {address} {why}."), e);
        }
    }
}
