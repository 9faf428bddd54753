using Microsoft.Extensions.Logging;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Pictures;

/// <summary>A thread for one conference's pictures: while one decodes and encodes, the others are not kept waiting.</summary>
internal sealed class PictureThread : IDisposable
{
    private readonly AutoResetEvent _wake = new(false);
    private readonly ILogger _log;
    private readonly Action<PictureThread> _ended;
    private readonly Thread _thread;
    private readonly PictureCounters _counters;
    private volatile bool _isStopping;

    /// <summary>Makes the thread, which runs from <see cref="Start"/> on.</summary>
    /// <param name="deliver">Takes what is made, on the worker's thread.</param>
    /// <param name="names">Writes names; null where that is off.</param>
    /// <param name="post">Runs work on the worker's thread.</param>
    /// <param name="delayMs">How long after a moment the picture of it is made; 0 for at once.</param>
    /// <param name="counters">Counts what is done.</param>
    /// <param name="log">Where faults go.</param>
    /// <param name="ended">Told at its end, on it.</param>
    public PictureThread(PictureDelivery deliver, INamePainter? names, Func<Action, bool> post, long delayMs, PictureCounters counters, ILogger log, Action<PictureThread> ended)
    {
        (_log, _ended, _counters) = (log, ended, counters);
        Pictures = new(deliver, names, post, () => _wake.Set(), counters, delayMs);
        _thread = new Thread(Run) { Name = "pictures", IsBackground = true };
    }

    /// <summary>What it works on.</summary>
    public ConferencePictures Pictures { get; }

    /// <summary>Begins.</summary>
    public void Start() => _thread.Start();

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _wake.Set();
        _thread.Join();
    }

    private void Run()
    {
        try
        {
            var used = ThreadClock.CpuNanoseconds;
            while (!_isStopping && !Pictures.IsClosed)
            {
                var next = Pictures.Work(WorkerClock.NowMs);
                var before = used;
                _counters.CountWork((used = ThreadClock.CpuNanoseconds) - before, WorkerClock.NowMs);
                var wait = next - WorkerClock.NowMs;
                if (wait > 0) _wake.WaitOne((int)wait);
            }
        }
#pragma warning disable CA1031 // One conference's fault is not to end the others; it is logged, and its pictures end.
        catch (Exception e)
        {
            _log.LogError(e, "A conference's composed pictures have failed and are made anew");
            Pictures.Fail();
        }
#pragma warning restore CA1031
        Pictures.Dispose();
        _ended(this);
    }
}
