using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Workers;

/// <summary>One of a worker's media sockets, its queue, and what reads from it.</summary>
internal sealed class MediaSocket(UdpSocket socket, ReceiveBatch batch, DatagramRouter router) : IReadable, IDisposable
{
    /// <summary>Batches per round and socket; what is left comes with the next round, after the commands and timers.</summary>
    private const int MaxBatches = 4;

    public UdpSocket Socket => socket;

    public SendQueue Queue { get; } = new(socket);

    /// <inheritdoc/>
    public void OnReadable(long nowMs)
    {
        for (var i = 0; i < MaxBatches; i++)
        {
            var received = batch.Receive(socket);
            var nowUs = WorkerClock.NowUs;
            foreach (ref readonly var datagram in received) router.Receive(batch.Bytes(datagram), datagram.Local, datagram.Remote, nowMs, nowUs);
            router.EndBatch(nowMs);
            if (received.Length < ReceiveBatch.Capacity / 2) return;
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
    /// <param name="port">The UDP port.</param>
    /// <exception cref="RelayStartException">The port is taken, and the like.</exception>
    public static IReadOnlyList<UdpSocket> Open(IPAddress bind, int port)
    {
        if (!bind.Equals(IPAddress.Any) && !bind.Equals(IPAddress.IPv6Any)) return [OpenOne(bind, port)];
        var sockets = new List<UdpSocket> { OpenOne(IPAddress.Any, port) };
        try
        {
            if (System.Net.Sockets.Socket.OSSupportsIPv6) sockets.Add(OpenOne(IPAddress.IPv6Any, sockets[0].Port));
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

    private static UdpSocket OpenOne(IPAddress address, int port)
    {
        try
        {
            return UdpSocket.Open(new(address, port), ipv6Only: true);
        }
        catch (SocketException e)
        {
            var why = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "is taken by another program; set another first port",
                SocketError.AccessDenied => "may not be used by this user; set a first port above 1023",
                SocketError.AddressNotAvailable => "cannot be used: the address is not one of this machine",
                _ => $"cannot be used: {e.Message}",
            };
            throw new RelayStartException(string.Create(CultureInfo.InvariantCulture, $"Media:FirstPort: UDP port {port} at {address} {why}."), e);
        }
    }
}

/// <summary>Why the relay cannot start: a sentence for the operator that begins with the key to look at.</summary>
public sealed class RelayStartException(string message, Exception? cause = null) : Exception(message, cause);
