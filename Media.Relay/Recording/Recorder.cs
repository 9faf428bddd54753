using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Media.Relay.Conferences;
using Parley.Media.Relay.Transports;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Recording;

/// <summary>A thread that writes the recordings of all workers. It runs from the first recording on.</summary>
internal sealed class Recorder : IDisposable
{
    private const int TickMs = 20;

    private readonly Lock _gate = new();
    private readonly List<ConferenceRecording> _recordings = [];
    private readonly ILogger _log;
    private readonly AutoResetEvent _wake = new(false);
    private ConferenceRecording[] _current = [];
    private Thread? _thread;
    private volatile bool _isStopping;

    /// <summary>Makes a recorder.</summary>
    /// <param name="log">Where faults go.</param>
    public Recorder(ILogger log) => _log = log;

    /// <summary>How many recordings run.</summary>
    public int Count => Volatile.Read(ref _current).Length;

    /// <summary>Begins a recording. From any thread.</summary>
    public void Add(ConferenceRecording recording)
    {
        lock (_gate)
        {
            _recordings.Add(recording);
            _current = [.. _recordings];
            if (_thread is null)
            {
                _thread = new Thread(Run) { Name = "recorder", IsBackground = true };
                _thread.Start();
            }
        }

        _wake.Set();
    }

    /// <summary>Finishes every recording and ends the thread; the workers have ended before.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _wake.Set();
        _thread?.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        while (!_isStopping)
        {
            var recordings = Volatile.Read(ref _current);
            _wake.WaitOne(recordings.Length == 0 ? Timeout.Infinite : TickMs);
            foreach (var recording in recordings) Tick(recording);
        }

        foreach (var recording in Volatile.Read(ref _current))
        {
            recording.CloseNow();
            Tick(recording);
        }
    }

    private void Tick(ConferenceRecording recording)
    {
        try
        {
            if (recording.Tick(WorkerClock.NowMs)) return;
            if (recording.EndedBy == RecordingEnd.StorageFull) _log.LogWarning("A recording has ended: its storage is full");
        }
#pragma warning disable CA1031 // One recording's fault (a full disk, a directory that is gone) is not to end the others; it is logged, and it ends.
        catch (Exception e)
        {
            _log.LogError(e, "A recording has failed and ends");
            EndFailed(recording);
        }
#pragma warning restore CA1031
        lock (_gate)
        {
            _recordings.Remove(recording);
            _current = [.. _recordings];
        }
    }

    private void EndFailed(ConferenceRecording recording)
    {
        try
        {
            recording.End(RecordingEnd.Failed);
        }
#pragma warning disable CA1031 // What made it fail may keep its files from being finished too; the next start repairs them.
        catch (Exception e)
        {
            _log.LogError(e, "A failed recording could not be finished; it is repaired at the next start");
        }
#pragma warning restore CA1031
    }
}

/// <summary>Records the conferences of one worker.</summary>
/// <param name="recorder">The recorder.</param>
/// <param name="events">Takes how recordings stand.</param>
/// <param name="ntp">The worker's clock.</param>
/// <param name="post">Runs work on the worker.</param>
internal sealed class WorkerRecorder(Recorder recorder, IRelayEvents events, NtpClock ntp, Func<Action, bool> post) : IRecorder
{
    /// <inheritdoc/>
    public ConferenceRecording Open(RecordingSpec spec, string conference)
    {
        var recording = new ConferenceRecording(spec, conference, ntp, post, events);
        recorder.Add(recording);
        return recording;
    }
}

/// <summary>Records conferences.</summary>
internal interface IRecorder
{
    /// <summary>Begins a recording.</summary>
    ConferenceRecording Open(RecordingSpec spec, string conference);
}
