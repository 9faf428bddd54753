namespace Parley.Xmpp.Server.Sessions;

/// <summary>
/// Runs work one at a time in the order given. Work begins on the caller's thread and leaves it at its first wait, so that a session whose handlers are quick
/// costs no task and no hop, and one whose handler waits for an IQ answer can still read that answer.
/// </summary>
internal sealed class SerialQueue(int limit)
{
    private readonly Lock _gate = new();
    private readonly Queue<Func<ValueTask>> _waiting = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _idle;
    private bool _running;
    private bool _closed;

    /// <summary>Adds work, waiting while <c>limit</c> pieces wait already. False after <see cref="CloseAsync"/>: it will not run.</summary>
    public async ValueTask<bool> PostAsync(Func<ValueTask> work, CancellationToken ct = default)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_closed) return false;
                if (_waiting.Count < limit)
                {
                    _waiting.Enqueue(work);
                    if (_running) return true;
                    _running = true;
                    break;
                }

                room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await room.WaitAsync(ct);
        }

        _ = RunAsync();
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
            _waiting.Enqueue(last);
            _room?.TrySetResult();
            idle = (_idle = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            start = !_running;
            _running = true;
        }

        if (start) _ = RunAsync();
        await idle;
    }

    // Each piece of work logs and answers its own failures; should one throw all the same, those behind it still run.
    private async Task RunAsync()
    {
        while (true)
        {
            Func<ValueTask> next;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _running = false;
                    _idle?.TrySetResult();
                    return;
                }

                next = _waiting.Dequeue();
                if (_waiting.Count < limit && _room is { } room)
                {
                    _room = null;
                    room.TrySetResult();
                }
            }

            var running = next();
            if (!running.IsCompletedSuccessfully) await running.AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
