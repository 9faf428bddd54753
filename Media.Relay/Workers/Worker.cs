using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Parley.Media.Relay.Native;

namespace Parley.Media.Relay.Workers;

/// <summary>
/// A thread that waits for its parts' descriptors, for actions from other threads and for the next deadline, and runs everything that it hosts: nothing on it is locked
/// and nothing is async.
/// </summary>
internal sealed class Worker : IWorkerLoop, IDisposable
{
    private const int MaxActions = 4_096, MaxActionsPerRound = 256;
    private const long WakeTag = -1, LongestWaitMs = 60_000, FaultLogMs = 1_000;

    // An array: the loop enumerates it twice a round and is to allocate nothing.
    private readonly IWorkerPart[] _parts;
    private readonly ILogger _log;
    private readonly Action? _failed;
    private readonly Epoll _epoll = new();
    private readonly EventFd _wake = new();
    private readonly Dictionary<long, IReadable> _readers = [];
    private readonly ConcurrentQueue<Action> _actions = new();
    private readonly Thread _thread;
    private int _actionCount, _isSignalled;
    private volatile bool _hasStarted, _isStopping, _hasEnded;
    private long _nextFaultLogMs, _faults;

    /// <summary>Makes a worker.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="parts">What it hosts.</param>
    /// <param name="log">Where faults go.</param>
    /// <param name="failed">Called on its thread where the loop ends by a fault, the parts still being there.</param>
    public Worker(int index, IReadOnlyList<IWorkerPart> parts, ILogger log, Action? failed = null)
    {
        (Index, _parts, _log, _failed) = (index, [.. parts], log, failed);
        _epoll.Add(_wake.Fd, WakeTag);
        _thread = new Thread(Run) { Name = string.Create(CultureInfo.InvariantCulture, $"media-{index}"), IsBackground = true };
    }

    /// <inheritdoc/>
    public int Index { get; }

    /// <inheritdoc/>
    public long NowMs => WorkerClock.NowMs;

    /// <summary>Faults of parts that were caught and logged; 0 in a healthy relay.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Begins.</summary>
    public void Start()
    {
        _hasStarted = true;
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Watch(int fd, IReadable reader)
    {
        _readers.Add(fd, reader);
        _epoll.Add(fd, fd);
    }

    /// <inheritdoc/>
    public void Unwatch(int fd)
    {
        if (_readers.Remove(fd)) _epoll.Remove(fd);
    }

    /// <inheritdoc/>
    public bool Post(Action action)
    {
        if (_hasEnded) return false;
        if (Interlocked.Increment(ref _actionCount) > MaxActions)
        {
            Interlocked.Decrement(ref _actionCount);
            return false;
        }

        _actions.Enqueue(action);
        if (Interlocked.Exchange(ref _isSignalled, 1) == 0) _wake.Signal();
        return true;
    }

    /// <summary>Ends the loop and what it hosts; waits for it.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _wake.Signal();
        if (_hasStarted) _thread.Join();
        else DisposeParts();
        _hasEnded = true;
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        var hasFailed = false;
        try
        {
            foreach (var part in _parts) part.Start(this);
            while (!_isStopping) Round();
        }
#pragma warning disable CA1031 // The loop itself failed: nothing above would see it, and the process must go on.
        catch (Exception e)
        {
            hasFailed = true;
            _log.LogCritical(e, "Media worker {Index} has ended by a fault", Index);
        }
#pragma warning restore CA1031
        finally
        {
            _hasEnded = true;
            while (!_actions.IsEmpty) RunActions(); // somebody waits for each
            if (hasFailed && _failed is not null) Guard(static f => ((Action)f)(), _failed);
            DisposeParts();
        }
    }

    private void DisposeParts()
    {
        foreach (var part in _parts) Guard(static p => ((IWorkerPart)p).Dispose(), part);
    }

    private void Round()
    {
        var ready = _epoll.Wait(Due());
        var nowMs = NowMs;
        for (var i = 0; i < ready; i++)
        {
            var tag = _epoll.Tag(i);
            if (tag == WakeTag) _wake.Drain();
            else if (_readers.TryGetValue(tag, out var reader)) Read(reader, _epoll.Events(i), nowMs); // else unwatched earlier in this round
        }

        RunActions();
        foreach (var part in _parts) Flush(part);
    }

    /// <summary>Lets the parts do what is due and says how long to wait.</summary>
    private int Due()
    {
        var nowMs = NowMs;
        var next = nowMs + LongestWaitMs;
        foreach (var part in _parts)
        {
            try
            {
                next = Math.Min(next, part.Tick(nowMs));
            }
#pragma warning disable CA1031 // One part's fault ends neither the worker nor its other calls; it is logged.
            catch (Exception e)
            {
                LogFault(e);
                next = Math.Min(next, nowMs + FaultLogMs);
            }
#pragma warning restore CA1031
            Flush(part);
        }

        return !_actions.IsEmpty ? 0 : (int)Math.Clamp(next - nowMs, 0, LongestWaitMs);
    }

    private void Read(IReadable reader, EpollEvents events, long nowMs)
    {
        try
        {
            if ((events & EpollEvents.Error) != 0 && reader is IErrorReadable errors) errors.OnError(nowMs);
            reader.OnReadable(nowMs);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
        {
            LogFault(e);
        }
#pragma warning restore CA1031
    }

    private void Flush(IWorkerPart part)
    {
        try
        {
            part.Flush();
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
        {
            LogFault(e);
        }
#pragma warning restore CA1031
    }

    private void RunActions()
    {
        // Before looking, so that an action that comes now wakes the loop again.
        Interlocked.Exchange(ref _isSignalled, 0);
        for (var i = 0; i < MaxActionsPerRound && _actions.TryDequeue(out var action); i++)
        {
            Interlocked.Decrement(ref _actionCount);
            Guard(static a => ((Action)a)(), action);
        }
    }

    private void Guard(Action<object> run, object on)
    {
        try
        {
            run(on);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
        {
            LogFault(e);
        }
#pragma warning restore CA1031
    }

    private void LogFault(Exception e)
    {
        Interlocked.Increment(ref _faults);
        if (NowMs < _nextFaultLogMs) return;
        _nextFaultLogMs = NowMs + FaultLogMs;
        _log.LogError(e, "A fault on media worker {Index}, {Count} so far", Index, Faults);
    }
}
