using Parley.Xmpp.Server.Streams.Connections;

namespace Parley.Xmpp.Server.Streams;

/// <summary>
/// What waits to be written to one client: bounded in bytes, written by one writer that takes together what has gathered. Between bursts there is no task and no buffer.
/// </summary>
internal sealed class OutboundQueue(IXmppConnection connection, int mostBytes, TimeProvider time, Action<Exception> failed) : IThreadPoolWorkItem
{
    // Written at once: enough to fill a few packets, little enough that a client which reads slowly is seen to read.
    private const int BatchBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly List<ReadOnlyMemory<byte>> _batch = [];
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Queue<ReadOnlyMemory<byte>> _waiting = new();
    private List<ReadOnlyMemory<byte>>? _held;
    private TaskCompletionSource<bool>? _room;
    private TaskCompletionSource? _drained;
    private int _bytes;
    private bool _isWriting;
    private bool _isClosed;
    private bool _isOver;
    private long _writingSince;
    private long _fullSince;

    /// <summary>Completes once everything is written, the closing tag last, or nothing more can be.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Bytes that wait.</summary>
    public int Bytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    /// <summary>Queues what belongs to the stream itself, beyond the bound if need be; false once the stream is over.</summary>
    public bool Enqueue(ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            if (_isClosed) return false;
            Add(bytes);
            return true;
        }
    }

    /// <summary>Queues a stanza; waits while the queue is full. False once the stream is over.</summary>
    public async ValueTask<bool> EnqueueAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (true)
        {
            Task<bool> room;
            lock (_gate)
            {
                if (_isClosed) return false;
                // Something that is larger than the bound by itself passes an empty queue.
                if (_room is null && (_bytes == 0 || _bytes + bytes.Length <= mostBytes))
                {
                    Add(bytes);
                    return true;
                }

                if (_room is null) (_room, _fullSince) = (new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously), time.GetTimestamp());
                room = _room.Task;
            }

            if (!await room.WaitAsync(ct)) return false;
        }
    }

    /// <summary>Queues the last words; nothing is taken after them.</summary>
    public void Close(IEnumerable<ReadOnlyMemory<byte>> last)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            foreach (var bytes in last) Add(bytes);
            _isClosed = true;
            _room?.TrySetResult(false);
            Start();
        }
    }

    /// <summary>Keeps back what is queued from now on, until <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (_gate) _held ??= [];
    }

    /// <summary>Lets go what was kept back, behind what has to come first.</summary>
    public void Release(ReadOnlyMemory<byte> first = default)
    {
        lock (_gate)
        {
            var held = _held ?? [];
            _held = null;
            if (!first.IsEmpty) Add(first);
            foreach (var bytes in held) _waiting.Enqueue(bytes);
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
            _waiting.Clear();
            _room?.TrySetResult(false);
            _drained?.TrySetResult();
        }

        _finished.TrySetResult();
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
            failed(e);
        }
    }

    private async Task WriteAsync()
    {
        bool isLast;
        while (Take(out isLast))
        {
            await connection.WriteAsync(_batch);
            Written();
        }

        if (isLast) _finished.TrySetResult();
    }

    private bool Take(out bool isLast)
    {
        lock (_gate)
        {
            isLast = false;
            _batch.Clear();
            for (var size = 0; size < BatchBytes && _waiting.TryDequeue(out var bytes); size += bytes.Length) _batch.Add(bytes);
            if (_batch.Count > 0 && !_isOver)
            {
                _writingSince = time.GetTimestamp();
                return true;
            }

            // One burst must not cost memory for good.
            if (_batch.Capacity > 64) _batch.Capacity = 4;
            if (_waiting.Count == 0) _waiting = _waiting.Capacity > 64 ? new() : _waiting;
            // Once closed, the writer has one thing left to do, once: it stays marked as writing.
            isLast = _isWriting = _isClosed && !_isOver && _held is null;
            _writingSince = 0;
            _drained?.TrySetResult();
            _drained = null;
            return false;
        }
    }

    private void Written()
    {
        lock (_gate)
        {
            foreach (var bytes in _batch) _bytes -= bytes.Length;
            if (_room is null || _bytes > mostBytes / 2) return;
            _room.TrySetResult(true);
            _room = null;
        }
    }

    private void Add(ReadOnlyMemory<byte> bytes)
    {
        _bytes += bytes.Length;
        if (_held is not null) _held.Add(bytes);
        else _waiting.Enqueue(bytes);
        Start();
    }

    private void Start()
    {
        if (_isWriting || _isOver || _held is not null) return;
        _isWriting = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }
}
