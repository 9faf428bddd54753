namespace Parley.Xmpp.Server.Sessions;

/// <summary>
/// Runs work one at a time in the order given. Work begins on the caller's thread and leaves it at its first wait, so that a session whose handlers are quick
/// costs no task and no hop, and one whose handler waits for an IQ answer can still read that answer.
/// </summary>
/// <param name="limit">How many pieces may wait.</param>
/// <param name="byteLimit">How many bytes may wait in them. A single piece may wait whatever its size.</param>
internal sealed class SerialQueue(int limit, int byteLimit = int.MaxValue)
{
    private readonly Lock _gate = new();
    private Queue<(Func<ValueTask> Work, int Bytes)>? _waiting; // while something waits
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _idle;
    private int _bytes;
    private bool _running;
    private bool _closed;

    /// <summary>Adds work, waiting while too much waits already. False after <see cref="CloseAsync"/>: it will not run.</summary>
    /// <param name="work">The work.</param>
    /// <param name="measure">How many bytes it holds while it waits; asked only where it must.</param>
    /// <param name="ct">Gives up waiting.</param>
    public ValueTask<bool> PostAsync(Func<ValueTask> work, Func<int>? measure = null, CancellationToken ct = default) =>
        PostAsync((work, measure), static w => w.work(), static w => w.measure?.Invoke() ?? 0, ct);

    /// <inheritdoc cref="PostAsync(Func{ValueTask}, Func{int}?, CancellationToken)"/>
    /// <param name="what">What the work is about: nothing is allocated for work that runs at once.</param>
    /// <param name="work">The work.</param>
    /// <param name="measure">How many bytes it holds while it waits; asked only where it must.</param>
    /// <param name="ct">Gives up waiting.</param>
    public ValueTask<bool> PostAsync<T>(T what, Func<T, ValueTask> work, Func<T, int> measure, CancellationToken ct)
    {
        var mustWait = true;
        lock (_gate)
        {
            if (_closed) return new(false);
            if (!_running) (_running, mustWait) = (true, false);
        }

        if (mustWait) return WaitAsync(what, work, measure, ct);
        var running = work(what);
        if (!running.IsCompletedSuccessfully || !IsDone()) _ = RunAsync(running);
        return new(true);
    }

    // Apart, so that what it captures costs only where it waits.
    private ValueTask<bool> WaitAsync<T>(T what, Func<T, ValueTask> work, Func<T, int> measure, CancellationToken ct) => WaitAsync(() => work(what), measure(what), ct);

    private async ValueTask<bool> WaitAsync(Func<ValueTask> work, int bytes, CancellationToken ct)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_closed) return false;
                if (!_running)
                {
                    _running = true;
                    break;
                }

                if (HasRoom(bytes))
                {
                    (_waiting ??= new()).Enqueue((work, bytes));
                    _bytes += bytes;
                    return true;
                }

                room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await room.WaitAsync(ct);
        }

        _ = RunAsync(work());
        return true;
    }

    /// <summary>Takes no more work but this last piece, and completes when all has run.</summary>
    public async ValueTask CloseAsync(Func<ValueTask> last)
    {
        bool start;
        Task idle;
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            (_waiting ??= new()).Enqueue((last, 0));
            _room?.TrySetResult();
            idle = (_idle = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            start = !_running;
            _running = true;
        }

        if (start) _ = RunAsync(ValueTask.CompletedTask);
        await idle;
    }

    private bool HasRoom(int bytes) => _waiting is not { Count: > 0 } || (_waiting.Count < limit && _bytes + (long)bytes <= byteLimit);

    private bool IsDone()
    {
        lock (_gate)
        {
            if (_waiting is { Count: > 0 }) return false;
            (_waiting, _running) = (null, false);
            _idle?.TrySetResult();
            return true;
        }
    }

    // Each piece of work logs and answers its own failures; should one throw all the same, those behind it still run.
    private async Task RunAsync(ValueTask running)
    {
        while (true)
        {
            if (!running.IsCompletedSuccessfully) await running.AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (IsDone()) return;
            Func<ValueTask> next;
            lock (_gate)
            {
                (next, var bytes) = _waiting!.Dequeue();
                _bytes -= bytes;
                if (_room is { } room)
                {
                    _room = null;
                    room.TrySetResult();
                }
            }

            running = next();
        }
    }
}
