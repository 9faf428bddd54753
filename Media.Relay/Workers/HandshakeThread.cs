using System.Collections.Concurrent;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Workers;

/// <summary>The thread on which the handshakes of all workers run: a handshake costs milliseconds, in which a worker would forward hundreds of packets.</summary>
internal sealed class HandshakeThread : IDisposable
{
    private const int MaxWaiting = 1_024;

    private readonly BlockingCollection<(DtlsJob Job, Action<DtlsJob> Done)> _jobs = new(MaxWaiting);
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private bool _isOver;

    public HandshakeThread()
    {
        _thread = new Thread(Run) { Name = "media-dtls", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Takes a job; false if too many wait, or the relay stops.</summary>
    public bool TryAdd(DtlsJob job, Action<DtlsJob> done)
    {
        lock (_gate) return !_isOver && _jobs.TryAdd((job, done));
    }

    /// <summary>Finishes what waits, and ends.</summary>
    public void Dispose()
    {
        // Workers run on for a moment: what they bring now is refused and no fault.
        lock (_gate) _isOver = true;
        _jobs.CompleteAdding();
        _thread.Join();
        _jobs.Dispose();
    }

    private void Run()
    {
        foreach (var (job, done) in _jobs.GetConsumingEnumerable())
        {
            job.Execute(); // keeps its faults to itself
            done(job);
        }
    }
}

/// <summary>One worker's way to the handshake thread and back.</summary>
internal sealed class WorkerHandshakes : IHandshakeRunner
{
    private readonly HandshakeThread _thread;
    private readonly ConcurrentQueue<DtlsJob> _returned = new();
    private readonly Action<DtlsJob> _done;
    private readonly Action _drain;
    private volatile IWorkerLoop? _loop;

    public WorkerHandshakes(HandshakeThread thread)
    {
        _thread = thread;
        _drain = () => Drain(WorkerClock.NowMs);
        _done = job =>
        {
            _returned.Enqueue(job);
            // Where the ring is full the worker is busy and looks here on its next round by itself.
            _ = _loop?.Post(_drain);
        };
    }

    /// <summary>The worker begins.</summary>
    public void Start(IWorkerLoop loop) => _loop = loop;

    /// <inheritdoc/>
    public bool TryRun(DtlsJob job) => _thread.TryAdd(job, _done);

    /// <summary>Gives back what is done; on the worker's thread.</summary>
    public void Drain(long nowMs)
    {
        while (_returned.TryDequeue(out var job)) job.Return(nowMs);
    }
}
