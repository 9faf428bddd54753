using System.Collections.Concurrent;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Turn;

/// <summary>
/// The clients of one worker that came over TCP and TLS. Their connections' tasks queue up here, each with one thing at a time, and one action on the worker's command ring
/// serves them: however many there are, they leave the ring to others.
/// </summary>
internal sealed class TurnStreams(TurnServer server, TimeSpan idleTime)
{
    private const int MaxTurnsPerRound = 32;
    private const long SweepMs = 1000;

    private readonly long _idleMs = (long)idleTime.TotalMilliseconds;
    private readonly ConcurrentQueue<TurnStream> _queue = new();
    private readonly Dictionary<ulong, TurnStream> _open = [];
    private readonly List<TurnStream> _toFlush = [], _toEnd = [];
    private IWorkerLoop? _loop;
    private Action? _serve;
    private int _isPosted, _count;
    private volatile bool _isClosed;
    private long _nextSweep;

    /// <summary>How many this worker has. From any thread.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts one that comes here. From any thread.</summary>
    public void Attach() => Interlocked.Increment(ref _count);

    /// <summary>Counts one that has ended. From any thread.</summary>
    public void Detach() => Interlocked.Decrement(ref _count);

    /// <summary>Begins to serve; on the worker's thread.</summary>
    public void Start(IWorkerLoop loop)
    {
        _serve = Serve;
        Volatile.Write(ref _loop, loop);
    }

    /// <summary>Gives a stream its turn soon. From any thread.</summary>
    public void Enqueue(TurnStream stream)
    {
        _queue.Enqueue(stream);
        if (_isClosed) RefuseAll();
        else Wake();
    }

    /// <summary>Gives room for a message to a stream.</summary>
    public Span<byte> Reserve(in FiveTuple to, int length, bool isRelayed) =>
        _open.TryGetValue(to.Connection, out var stream) ? stream.Reserve(length, isRelayed) : default;

    /// <summary>Gives a stream to a peer, once its turn is over.</summary>
    public void Join(ulong connection, TcpPeer peer)
    {
        if (_open.TryGetValue(connection, out var stream)) stream.Join(peer);
        else peer.Close();
    }

    /// <summary>Notes that a stream has something to send.</summary>
    public void WillFlush(TurnStream stream) => _toFlush.Add(stream);

    /// <summary>Sends what is queued, and serves whom a full ring kept waiting.</summary>
    public void Flush()
    {
        if (!_queue.IsEmpty && Volatile.Read(ref _isPosted) == 0) Serve();
        foreach (var stream in _toFlush) stream.Flush();
        _toFlush.Clear();
    }

    /// <summary>Ends streams that have had no allocation for long; returns when to call again.</summary>
    public long Tick(long nowMs)
    {
        if (_open.Count == 0) return long.MaxValue;
        if (nowMs < _nextSweep) return _nextSweep;
        _nextSweep = nowMs + SweepMs;
        foreach (var stream in _open.Values)
        {
            if (server.HasAllocation(stream.Path, nowMs)) stream.SeenAt = nowMs;
            else if (nowMs - stream.SeenAt >= _idleMs) _toEnd.Add(stream);
        }

        foreach (var stream in _toEnd) Remove(stream);
        _toEnd.Clear();
        return _nextSweep;
    }

    /// <summary>Ends all, and whoever comes later. On the worker's thread, or after it.</summary>
    public void Close()
    {
        _isClosed = true;
        foreach (var stream in _open.Values) _toEnd.Add(stream);
        foreach (var stream in _toEnd) Remove(stream);
        RefuseAll();
    }

    private void Wake()
    {
        if (Volatile.Read(ref _loop) is not { } loop || Interlocked.Exchange(ref _isPosted, 1) != 0) return;
        // A ring that is full belongs to a worker that is awake, which looks here at each flush.
        if (!loop.Post(_serve!)) Volatile.Write(ref _isPosted, 0);
    }

    private void Serve()
    {
        // Before looking, so that a stream that comes now wakes the loop again.
        Volatile.Write(ref _isPosted, 0);
        Interlocked.MemoryBarrier();
        for (var i = 0; i < MaxTurnsPerRound && _queue.TryDequeue(out var stream); i++) Serve(stream);
        if (!_queue.IsEmpty) Wake();
    }

    private void Serve(TurnStream stream)
    {
        var nowMs = _loop!.NowMs;
        var goesOn = false;
        try
        {
            if (_open.TryAdd(stream.Path.Connection, stream)) stream.SeenAt = nowMs;
            goesOn = stream.Process(server, nowMs);
        }
        finally
        {
            // A fault of ours costs this one its connection, and is logged by the loop.
            if (!goesOn) Remove(stream);
            stream.EndTurn(goesOn);
        }
    }

    private void Remove(TurnStream stream)
    {
        if (_open.Remove(stream.Path.Connection)) server.Disconnect(stream.Path);
        if (stream.IsJoined) stream.HandOver();
        else stream.End();
    }

    private void RefuseAll()
    {
        while (_queue.TryDequeue(out var stream))
        {
            stream.End();
            stream.EndTurn(goesOn: false);
        }
    }
}
