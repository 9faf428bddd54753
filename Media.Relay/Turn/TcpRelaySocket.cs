using System.Net;
using System.Net.Sockets;
using Parley.Media.Core.Turn;

namespace Parley.Media.Relay.Turn;

/// <summary>A TCP port of the relay range: peers connect to it, and connections to peers are made from it.</summary>
internal sealed class TcpRelaySocket(TcpRelaying home, Socket listener, IPEndPoint bound, bool isIPv6) : TcpRelayPort((ushort)bound.Port, isIPv6)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private volatile bool _isClosed;

    /// <summary>Where connections to peers come from.</summary>
    public IPEndPoint Bound => bound;

    /// <summary>Lets peers in, one at a time: the next when the worker has judged the last.</summary>
    public async Task AcceptAsync()
    {
        while (!_isClosed)
        {
            try
            {
                var socket = await listener.AcceptAsync();
                await home.OfferAsync(this, socket);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Closed, a peer that went away again, or no descriptors left.
                if (_isClosed || e.SocketErrorCode == SocketError.OperationAborted) return;
                await Task.Delay(Pause);
            }
        }
    }

    /// <inheritdoc/>
    public override void Close()
    {
        _isClosed = true;
        listener.Dispose();
    }
}
