using System.Net;
using System.Net.Sockets;
using Parley.Media.Core;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Turn;

/// <summary>
/// The sockets of one worker's TCP allocations (RFC 6062). They wait and carry on the thread pool, with the framework's sockets: streams need no hurry, only backpressure.
/// Whatever the protocol must know is posted to the worker.
/// </summary>
internal sealed class TcpRelaying(TurnPart part, RelayAddresses addresses) : ITurnTcpSink
{
    private const int Backlog = 16;

    // The least that RFC 6062 section 5.2 allows.
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private IWorkerLoop? _loop;
    private volatile bool _isClosed;
    private long _bytes;

    /// <summary>Bytes carried between clients and peers.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Begins; on the worker's thread.</summary>
    public void Start(IWorkerLoop loop) => _loop = loop;

    /// <summary>The worker ends, and will run nothing more.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Counts bytes. From any thread.</summary>
    public void Count(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <inheritdoc/>
    public TcpRelayPort? Listen(ushort port, bool isIPv6)
    {
        var bound = new IPEndPoint(addresses.Bind(isIPv6), port);
        var listener = Open(bound);
        try
        {
            listener.Bind(bound);
            listener.Listen(Backlog);
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null; // another program's, in nearly every case: the next port is tried
        }

        var relay = new TcpRelaySocket(this, listener, bound, isIPv6);
        _ = relay.AcceptAsync(); // ends with the port; whom it lets in before the allocation is there waits for the worker
        return relay;
    }

    /// <inheritdoc/>
    public PeerConnection Connect(TcpRelayPort from, AddressKey to)
    {
        var bound = ((TcpRelaySocket)from).Bound;
        var peer = new TcpPeer(this, Open(bound));
        _ = ConnectAsync(peer, bound, to.ToIPEndPoint());
        return peer;
    }

    /// <inheritdoc/>
    public void Join(ulong connection, PeerConnection peer) => part.Streams.Join(connection, (TcpPeer)peer);

    /// <summary>Shows a connection to the worker, and waits until it has judged it.</summary>
    public async Task OfferAsync(TcpRelaySocket relay, Socket socket)
    {
        var peer = new TcpPeer(this, socket);
        IPEndPoint source;
        try
        {
            Prepare(socket);
            source = (IPEndPoint)socket.RemoteEndPoint!;
        }
        catch (SocketException)
        {
            peer.Close(); // it is gone again
            return;
        }

        var judged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isPosted = await PostAsync(() =>
        {
            try
            {
                part.Server.Tcp!.Accepted(relay, peer, AddressKey.Of(source), _loop!.NowMs);
            }
            finally
            {
                judged.SetResult();
            }
        });
        if (!isPosted) peer.Close();
        else await judged.Task;
    }

    /// <summary>A connection that was carried is over.</summary>
    public void Forget(TcpPeer peer) => _ = PostAsync(() => TurnTcp.Closed(peer));

    // Both flags: a port that is listened at can then be connected from. That it is our own is settled in a table.
    private static Socket Open(IPEndPoint bound)
    {
        var socket = new Socket(bound.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        return socket;
    }

    private static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }

    private async Task ConnectAsync(TcpPeer peer, IPEndPoint bound, IPEndPoint to)
    {
        using var over = new CancellationTokenSource(ConnectTime);
        var isConnected = false;
        try
        {
            peer.Socket.Bind(bound);
            await peer.Socket.ConnectAsync(to, over.Token);
            Prepare(peer.Socket);
            isConnected = true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Refused, unreachable, too late, or its allocation has ended: the client is told.
        }

        if (!await PostAsync(() => part.Server.Tcp!.Connected(peer, isConnected, _loop!.NowMs))) peer.Close();
    }

    // A ring that is full is so for a moment; false when the worker has ended.
    private async Task<bool> PostAsync(Action action)
    {
        while (!_isClosed)
        {
            if (_loop?.Post(action) == true) return true;
            await Task.Delay(Pause);
        }

        return false;
    }
}
