using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Transports;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Turn;

/// <summary>One worker's TURN server on its sockets: those that clients come to, and a relay socket for each allocation.</summary>
internal sealed class TurnPart : IWorkerPart, ITurnSink
{
    // A few of an allocation's datagrams come in one round; one more flushes.
    private const int QueueCapacity = 32;

    // Asked of the kernel for each relay socket; used only by what really waits.
    private const int RelayBufferBytes = 1 << 20;
    private const long LogPeriodMs = 60_000;

    private readonly List<TurnListener> _listeners = [];
    private readonly List<UdpRelayPort> _toFlush = [];
    private readonly Stack<SendQueue> _idleQueues = new();
    private readonly RelayAddresses _addresses;
    private readonly PolicyRefresher? _refresher;
    private readonly ILogger _log;
    private IWorkerLoop? _loop;
    private long _nextLogMs;
    private readonly ConcurrentQueue<string> _revoked = new();

    public TurnPart(TurnShared shared, IReadOnlyList<UdpSocket> sockets, RelayAddresses addresses, PolicyRefresher? refresher, TimeSpan idleTime, ILogger log)
    {
        (_addresses, _refresher, _log) = (addresses, refresher, log);
        Tcp = new TcpRelaying(this, addresses);
        Server = new TurnServer(shared, this, new CryptoRandom(), Tcp);
        Streams = new TurnStreams(Server, idleTime);
        foreach (var socket in sockets) _listeners.Add(new TurnListener(socket, Batch, Server));
    }

    public TurnServer Server { get; }

    /// <summary>The clients over TCP and TLS.</summary>
    public TurnStreams Streams { get; }

    /// <summary>The sockets of TCP allocations.</summary>
    public TcpRelaying Tcp { get; }

    public ReceiveBatch Batch { get; } = new();

    /// <summary>Reads the error queues of relay sockets.</summary>
    public ErrorQueue Errors { get; } = new();

    /// <inheritdoc/>
    bool ITurnSink.CanForbidFragments => true; // Linux can, and elsewhere there is no relay

    public TurnCounters Counters => Server.Counters;

    /// <summary>Counts the rounds of its loop.</summary>
    public uint Rounds { get; private set; }

    /// <inheritdoc/>
    public void Start(IWorkerLoop loop)
    {
        _loop = loop;
        Streams.Start(loop);
        Tcp.Start(loop);
        foreach (var listener in _listeners)
        {
            listener.Discard();
            loop.Watch(listener.Socket.Fd, listener);
        }
    }

    /// <inheritdoc/>
    public long Tick(long nowMs)
    {
        Rounds++;
        if (!_revoked.IsEmpty) RevokeQueued();
        return Math.Min(Math.Min(Server.Tick(nowMs), Streams.Tick(nowMs)), _refresher?.Tick(nowMs) ?? long.MaxValue);
    }

    /// <summary>Ends an account's allocations on this worker soon. From any thread.</summary>
    public void Revoke(string account)
    {
        _revoked.Enqueue(account);
        // A ring that is full is so because the worker is at work: it looks here at its next tick.
        _loop?.Post(RevokeQueued);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        Streams.Flush();
        foreach (var listener in _listeners) listener.Queue.Flush();
        foreach (var relay in _toFlush) relay.Flush();
        _toFlush.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Server.Close();
        Flush();
        Streams.Close();
        Tcp.Close();
        foreach (var listener in _listeners)
        {
            _loop?.Unwatch(listener.Socket.Fd);
            listener.Dispose();
        }

        while (_idleQueues.TryPop(out var queue)) queue.Dispose();
        Batch.Dispose();
        Errors.Dispose();
    }

    /// <inheritdoc/>
    Span<byte> ITurnSink.Reserve(in FiveTuple to, int length, bool isRelayed)
    {
        if (to.IsStream) return Streams.Reserve(to, length, isRelayed);
        if (length > SendQueue.SlotSize) return default;
        foreach (var listener in _listeners)
        {
            if (listener.Socket.IsIPv6 == to.Client.IsIPv4) continue;
            var room = listener.Queue.Reserve()[..length];
            listener.Queue.Commit(length, to.Server, to.Client); // only says what the room holds; it is read at the flush
            return room;
        }

        return default;
    }

    /// <inheritdoc/>
    RelayPort? ITurnSink.Open(ushort port, bool isIPv6)
    {
        try
        {
            var socket = UdpSocket.Open(new IPEndPoint(_addresses.Bind(isIPv6), port), bufferBytes: RelayBufferBytes, ipv6Only: true, tellLocal: false);
            socket.KeepErrors();
            return new UdpRelayPort(socket, isIPv6);
        }
        catch (SocketException e)
        {
            // A port that another program has is nothing to tell; no descriptors left, or an address that went away, is.
            if (e.SocketErrorCode != SocketError.AddressAlreadyInUse && _loop is { } loop && loop.NowMs >= _nextLogMs)
            {
                _nextLogMs = loop.NowMs + LogPeriodMs;
                _log.LogWarning(e, "A TURN relay port cannot be opened");
            }

            return null;
        }
    }

    /// <inheritdoc/>
    void ITurnSink.Adopt(RelayPort relay)
    {
        var udp = (UdpRelayPort)relay;
        udp.Adopt(this);
        _loop!.Watch(udp.Fd, udp);
    }

    private void RevokeQueued()
    {
        while (_revoked.TryDequeue(out var account)) Server.Revoke(account);
    }

    /// <summary>Lends a relay port a queue until the round's end. There are as many as ports that sent something in one round, which the rounds of reading bound.</summary>
    internal SendQueue Lend(UdpRelayPort relay, UdpSocket socket)
    {
        _toFlush.Add(relay);
        if (!_idleQueues.TryPop(out var queue)) return new SendQueue(socket, QueueCapacity);
        queue.Socket = socket;
        return queue;
    }

    /// <summary>Takes back a queue that has been flushed.</summary>
    internal void TakeBack(SendQueue queue) => _idleQueues.Push(queue);

    /// <summary>Stops reading a relay port.</summary>
    internal void Unwatch(UdpRelayPort relay) => _loop!.Unwatch(relay.Fd);
}
