using Parley.Media.Relay.Native;
using Parley.Media.Relay.Workers;

namespace Parley.bench;

/// <summary>Lives on a worker and reads its thread's counters there: CPU time in nanoseconds, and bytes allocated.</summary>
internal sealed class WorkerProbe : IWorkerPart
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ManualResetEventSlim _done = new();
    private readonly Action _take;
    private IWorkerLoop? _loop;
    private (long Nanoseconds, long Bytes) _reading;

    public WorkerProbe() => _take = Take;

    public (long Nanoseconds, long Bytes) Read()
    {
        _done.Reset();
        SpinWait.SpinUntil(() => Volatile.Read(ref _loop) is not null, Patience);
        if (_loop?.Post(_take) != true || !_done.Wait(Patience)) throw new InvalidOperationException("the worker does not answer");
        return _reading;
    }

    public void Start(IWorkerLoop loop) => Volatile.Write(ref _loop, loop);

    public long Tick(long nowMs) => long.MaxValue;

    public void Flush()
    {
    }

    public void Dispose() => _done.Dispose();

    private void Take()
    {
        _reading = (ThreadClock.CpuNanoseconds, GC.GetAllocatedBytesForCurrentThread());
        _done.Set();
    }
}
