using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Media.Core.Audio;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Mixing;

/// <summary>A thread that makes the next 20 ms of its conferences' mixes, and sleeps in between. It runs from the first mix on.</summary>
internal sealed class AudioMixer : IDisposable
{
    // A machine that slept, or is overloaded, does not have to make up for what nobody can hear any more.
    private const long MostBehindMs = 5 * AudioFormat.FrameMs;

    private readonly Lock _gate = new();
    private readonly List<ConferenceMix> _mixes = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly ILogger _log;
    private ConferenceMix[] _current = [];
    private Thread? _thread;
    private volatile bool _isStopping;

    /// <summary>Makes a mixer.</summary>
    /// <param name="log">Where faults go.</param>
    public AudioMixer(ILogger log) => _log = log;

    /// <summary>How many conferences are mixed.</summary>
    public int Count => Volatile.Read(ref _current).Length;

    /// <summary>The figures of this moment. From any thread.</summary>
    public MixLoad ReadLoad()
    {
        var mixes = Volatile.Read(ref _current);
        return new(mixes.Length, mixes.Sum(m => m.Voices), mixes.Sum(m => m.Listeners));
    }

    /// <summary>Begins a conference's mix. From any thread.</summary>
    /// <param name="deliver">Takes its frames.</param>
    /// <param name="post">Runs work where frames are taken.</param>
    public ConferenceMix Open(MixDelivery deliver, Func<Action, bool> post)
    {
        var mix = new ConferenceMix(deliver, post);
        lock (_gate)
        {
            _mixes.Add(mix);
            _current = [.. _mixes];
            if (_thread is null)
            {
                _thread = new Thread(Run) { Name = "mixer", IsBackground = true };
                _thread.Start();
            }
        }

        _wake.Set();
        return mix;
    }

    /// <summary>Ends the thread and every mix.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _wake.Set();
        _thread?.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        var next = WorkerClock.NowMs;
        while (!_isStopping)
        {
            var mixes = Volatile.Read(ref _current);
            if (mixes.Length == 0)
            {
                _wake.WaitOne();
                next = WorkerClock.NowMs;
                continue;
            }

            var wait = next - WorkerClock.NowMs;
            if (wait > 0) Thread.Sleep((int)wait);
            else if (-wait > MostBehindMs) next = WorkerClock.NowMs;
            foreach (var mix in mixes) Tick(mix, next);
            next += AudioFormat.FrameMs;
        }

        foreach (var mix in _mixes) mix.Dispose();
    }

    private void Tick(ConferenceMix mix, long dueMs)
    {
        if (mix.IsClosed)
        {
            Remove(mix);
            return;
        }

        try
        {
            mix.Tick(dueMs);
        }
#pragma warning disable CA1031 // One conference's fault is not to silence the others; it is logged, and its worker makes another mix.
        catch (Exception e)
        {
            _log.LogError(e, "A conference's audio mix has failed and is made anew");
            mix.Fail();
        }
#pragma warning restore CA1031
    }

    private void Remove(ConferenceMix mix)
    {
        lock (_gate)
        {
            _mixes.Remove(mix);
            _current = [.. _mixes];
        }

        mix.Dispose();
    }
}
