using System.Runtime.InteropServices;
using Microsoft.Extensions.ObjectPool;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Streams.Connections;

namespace Parley.Xmpp.Server.Streams;

/// <summary>
/// What waits to be written to one client: bounded in bytes, written by one writer that takes together what has gathered. Between bursts there is no task and no buffer.
/// What it never gave to the carrier it gives back, unless a stream's log keeps it anyway.
/// </summary>
internal sealed class OutboundQueue(IXmppConnection connection, int mostBytes, TimeProvider time, Action<Exception> failed) : IThreadPoolWorkItem
{
    // Written at once: enough to fill a few packets, little enough that a client which reads slowly is seen to read.
    private const int BatchBytes = 64 * 1024;

    private static readonly ObjectPool<List<Outgoing>> Lists = new DefaultObjectPool<List<Outgoing>>(new ListPolicy(), 64);

    private readonly Lock _gate = new();
    private List<Outgoing>? _batch; // the writer's; both are lent while there is something to write
    private List<Outgoing>? _waiting;
    private List<Outgoing>? _held;
    private TaskCompletionSource? _finished;
    private List<Outgoing>? _refused;
    private Func<bool, ReadOnlyMemory<byte>>? _tail;
    private TaskCompletionSource<bool>? _room;
    private TaskCompletionSource? _drained;
    private TaskCompletionSource? _quiet;
    private int _bytes;
    private bool _isWriting;
    private int _writers; // one, and for a moment its forerunner
    private bool _isClosed;
    private bool _isOver;
    private bool _isFinished;
    private long _writingSince;
    private long _fullSince;

    /// <summary>Completes once everything is written, the closing tag last, or nothing more can be.</summary>
    public Task Finished
    {
        get
        {
            lock (_gate) return _isFinished ? Task.CompletedTask : (_finished ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Bytes that wait.</summary>
    public int Bytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    /// <summary>Queues what belongs to the stream itself, or what its log keeps, beyond the bound if need be; false once the stream is over.</summary>
    public bool Enqueue(ReadOnlyMemory<byte> bytes, bool isKept = false)
    {
        lock (_gate)
        {
            if (_isClosed) return false;
            Add(new Outgoing(bytes, IsKept: isKept));
            return true;
        }
    }

    /// <summary>Queues a stanza whose sender keeps the bound itself; false once the stream is over.</summary>
    public bool Enqueue(Outgoing one)
    {
        lock (_gate)
        {
            if (_isClosed) return false;
            Add(one);
            return true;
        }
    }

    /// <summary>Queues a stanza if there is room for it.</summary>
    public Enqueued TryEnqueue(Outgoing stanza)
    {
        lock (_gate)
        {
            if (_isClosed) return Enqueued.Over;
            if (_bytes > 0 && _bytes + stanza.Bytes.Length > mostBytes) return Enqueued.Full;
            Add(stanza);
            return Enqueued.Yes;
        }
    }

    /// <summary>Queues a stanza; waits while the queue is full.</summary>
    public ValueTask<Enqueued> EnqueueAsync(in Outgoing stanza, CancellationToken ct)
    {
        var (now, room) = EnqueueOrWait(stanza);
        return room is null ? new(now) : EnqueueAsync(stanza, room, ct);
    }

    private async ValueTask<Enqueued> EnqueueAsync(Outgoing stanza, Task<bool>? room, CancellationToken ct)
    {
        while (room is not null)
        {
            if (!await room.WaitAsync(ct)) return Enqueued.Over;
            (var now, room) = EnqueueOrWait(stanza);
            if (room is null) return now;
        }

        return Enqueued.Over;
    }

    private (Enqueued Now, Task<bool>? Room) EnqueueOrWait(in Outgoing stanza)
    {
        lock (_gate)
        {
            if (_isClosed) return (Enqueued.Over, null);
            if (_tail is not null) return (Enqueued.Managed, null);
            // Something that is larger than the bound by itself passes an empty queue.
            if (_room is null && (_bytes == 0 || _bytes + stanza.Bytes.Length <= mostBytes))
            {
                Add(stanza);
                return (Enqueued.Yes, null);
            }

            if (_room is null) (_room, _fullSince) = (new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously), time.GetTimestamp());
            return (Enqueued.Full, _room.Task);
        }
    }

    /// <summary>Queues a stanza beyond the bound if need be. Once the stream is over it is among <see cref="TakeUnwritten"/>.</summary>
    public void EnqueueHeld(Outgoing stanza)
    {
        lock (_gate)
        {
            if (_isClosed) (_refused ??= []).Add(stanza);
            else Add(stanza);
        }
    }

    /// <summary>Queues the last words; nothing is taken after them. What a log keeps and is not written yet is left out: it goes elsewhere.</summary>
    public void Close(IEnumerable<ReadOnlyMemory<byte>> last)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            if (_tail is not null) DropKept();
            foreach (var bytes in last) Add(new Outgoing(bytes));
            _isClosed = true;
            _room?.TrySetResult(false);
            Start();
        }
    }

    /// <summary>From here on stanzas come by way of a log: <paramref name="first"/> is the last that does not (XEP-0198 section 4).</summary>
    /// <param name="first">What tells the client so; none where that was told otherwise.</param>
    /// <param name="kept">What its log holds already, to be sent behind that.</param>
    /// <param name="tail">Asked for words behind what is written together until it has none, told whether nothing else waits. Must not call back.</param>
    public bool Manage(IEnumerable<ReadOnlyMemory<byte>> first, IEnumerable<ReadOnlyMemory<byte>> kept, Func<bool, ReadOnlyMemory<byte>> tail)
    {
        lock (_gate)
        {
            if (_isClosed) return false;
            foreach (var bytes in first) Add(new Outgoing(bytes));
            foreach (var bytes in kept) Add(new Outgoing(bytes, IsKept: true));
            _tail = tail;
            // Whoever waits has to go the other way now.
            _room?.TrySetResult(true);
            _room = null;
            return true;
        }
    }

    /// <summary>Lets the writer look whether the tail has something to say.</summary>
    public void Nudge()
    {
        lock (_gate) Start();
    }

    /// <summary>Keeps back what is queued from now on, until <see cref="Release(ReadOnlyMemory{byte})"/>.</summary>
    public void Hold()
    {
        lock (_gate) _held ??= [];
    }

    /// <summary>Lets go what was kept back, behind what has to come first.</summary>
    public void Release(ReadOnlyMemory<byte> first = default) => Release(first.IsEmpty ? [] : [first]);

    /// <summary>Lets go what was kept back, behind what has to come first.</summary>
    public void Release(IEnumerable<ReadOnlyMemory<byte>> first)
    {
        lock (_gate)
        {
            var held = _held ?? [];
            _held = null;
            foreach (var bytes in first) Add(new Outgoing(bytes));
            foreach (var one in held) (_waiting ??= Lists.Get()).Add(one);
            Start();
        }
    }

    /// <summary>Waits until everything queued so far is written.</summary>
    public Task DrainedAsync()
    {
        lock (_gate)
        {
            if (_isOver || !_isWriting) return Task.CompletedTask;
            return (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Nothing can be written any more.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            (_isClosed, _isOver) = (true, true);
            _room?.TrySetResult(false);
            _drained?.TrySetResult();
        }

        Finish();
    }

    /// <summary>Waits until the writer has left a queue that is finished or killed.</summary>
    public Task QuietAsync()
    {
        lock (_gate) return _writers > 0 ? (_quiet ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
    }

    /// <summary>The stanzas that the carrier was never given, in order, once the writer has left; each is given back once.</summary>
    public IReadOnlyList<Undelivered> TakeUnwritten()
    {
        lock (_gate)
        {
            Outgoing[] all = [.. _refused ?? [], .. _waiting ?? [], .. _held ?? []];
            (_refused, _held, _waiting) = (null, null, null);
            return [.. all.Where(o => o.Stanza is not null).Select(o => new Undelivered(o.Stanza!, new DateTimeOffset(o.Since, TimeSpan.Zero), o.Delivery))];
        }
    }

    /// <summary>How long the write in progress has made no progress; zero if there is none.</summary>
    public TimeSpan WritingFor(long now)
    {
        lock (_gate) return _writingSince == 0 ? TimeSpan.Zero : time.GetElapsedTime(_writingSince, now);
    }

    /// <summary>How long senders have been waiting for room; zero if there is some.</summary>
    public TimeSpan FullFor(long now)
    {
        lock (_gate) return _room is null ? TimeSpan.Zero : time.GetElapsedTime(_fullSince, now);
    }

    async void IThreadPoolWorkItem.Execute()
    {
        try
        {
            await WriteAsync();
        }
        catch (Exception e)
        {
            // The writer runs on its own, so that this is where its failure is heard, of whatever kind; the stream ends by it.
            Kill();
            lock (_gate)
            {
                // What the carrier has begun to take may have arrived. What it refused has not.
                (_refused ??= []).AddRange(_batch?.Skip(connection.Taken) ?? []);
                _batch = null;
            }

            failed(e);
        }

        lock (_gate)
        {
            if (--_writers == 0) _quiet?.TrySetResult();
        }
    }

    private async Task WriteAsync()
    {
        bool isLast;
        while (Take(out isLast) is { } batch)
        {
            await connection.WriteAsync(batch);
            Written(batch, connection.Taken);
        }

        if (isLast) Finish();
    }

    private List<Outgoing>? Take(out bool isLast)
    {
        lock (_gate)
        {
            isLast = false;
            _batch?.Clear();
            if (!_isOver)
            {
                TakeWaiting();
                while (!_isClosed && _tail?.Invoke(_waiting is not { Count: > 0 }) is { IsEmpty: false } word)
                {
                    _bytes += word.Length;
                    (_batch ??= Lists.Get()).Add(new Outgoing(word));
                }

                if (_batch is { Count: > 0 })
                {
                    _writingSince = time.GetTimestamp();
                    return _batch;
                }
            }

            // What is idle, as most are, keeps no room for what may come.
            GiveBack(ref _batch);
            if (_waiting is { Count: 0 }) GiveBack(ref _waiting);
            // Once closed, the writer has one thing left to do, once: it stays marked as writing.
            isLast = _isWriting = _isClosed && !_isOver && _held is null;
            _writingSince = 0;
            _drained?.TrySetResult();
            _drained = null;
            return null;
        }
    }

    private void TakeWaiting()
    {
        if (_waiting is not { Count: > 0 }) return;
        // Nearly always all of it fits.
        if (_bytes <= BatchBytes)
        {
            (_batch, _waiting) = (_waiting, _batch);
            return;
        }

        var (count, size) = (0, 0);
        foreach (ref readonly var one in CollectionsMarshal.AsSpan(_waiting))
        {
            if (size >= BatchBytes) break;
            size += one.Bytes.Length;
            count++;
        }

        (_batch ??= Lists.Get()).AddRange(CollectionsMarshal.AsSpan(_waiting)[..count]);
        _waiting.RemoveRange(0, count);
    }

    private void Written(List<Outgoing> batch, int taken)
    {
        var all = CollectionsMarshal.AsSpan(batch);
        lock (_gate)
        {
            // A carrier that says nothing more to anybody lets the rest be without failing.
            if (taken < all.Length) (_refused ??= []).AddRange(all[taken..]);
            foreach (ref readonly var one in all) _bytes -= one.Bytes.Length;
            if (_room is not null && _bytes <= mostBytes / 2)
            {
                _room.TrySetResult(true);
                _room = null;
            }
        }

        foreach (ref readonly var one in all[..taken]) one.Delivery?.Arrived();
    }

    private void Add(in Outgoing one)
    {
        _bytes += one.Bytes.Length;
        if (_held is not null) _held.Add(one);
        else (_waiting ??= Lists.Get()).Add(one);
        Start();
    }

    private void DropKept()
    {
        _bytes -= _waiting?.Where(o => o.IsKept).Sum(o => o.Bytes.Length) ?? 0;
        _waiting?.RemoveAll(o => o.IsKept);
    }

    private void Finish()
    {
        lock (_gate)
        {
            _isFinished = true;
            _finished?.TrySetResult();
        }
    }

    private void Start()
    {
        if (_isWriting || _isOver || _held is not null) return;
        _isWriting = true;
        _writers++;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    private static void GiveBack(ref List<Outgoing>? list)
    {
        if (list is not null) Lists.Return(list);
        list = null;
    }

    private sealed class ListPolicy : PooledObjectPolicy<List<Outgoing>>
    {
        private const int Most = 256;

        public override List<Outgoing> Create() => new(16);

        public override bool Return(List<Outgoing> list)
        {
            list.Clear();
            return list.Capacity <= Most;
        }
    }
}
