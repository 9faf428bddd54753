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
    private readonly Queue<(Func<ValueTask> Work, int Bytes)> _waiting = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _idle;
    private int _bytes;
    private bool _running;
    private bool _closed;

    /// <summary>Adds work, waiting while too much waits already. False after <see cref="CloseAsync"/>: it will not run.</summary>
    /// <param name="work">The work.</param>
    /// <param name="measure">How many bytes it holds while it waits; asked only where it must.</param>
    /// <param name="ct">Gives up waiting.</param>
    public async ValueTask<bool> PostAsync(Func<ValueTask> work, Func<int>? measure = null, CancellationToken ct = default)
    {
        var bytes = measure is null ? 0 : -1;
        while (true)
        {
            Task? room = null;
            lock (_gate)
            {
                if (_closed) return false;
                if (!_running)
                {
                    _waiting.Enqueue((work, 0));
                    _running = true;
                    break;
                }

                if (bytes >= 0)
                {
                    if (HasRoom(bytes))
                    {
                        _waiting.Enqueue((work, bytes));
                        _bytes += bytes;
                        return true;
                    }

                    room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }
            }

            if (room is null) bytes = measure!();
            else await room.WaitAsync(ct);
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
            _waiting.Enqueue((last, 0));
            _room?.TrySetResult();
            idle = (_idle = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            start = !_running;
            _running = true;
        }

        if (start) _ = RunAsync();
        await idle;
    }

    private bool HasRoom(int bytes) => _waiting.Count < limit && (_waiting.Count == 0 || _bytes + (long)bytes <= byteLimit);

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

                (next, var bytes) = _waiting.Dequeue();
                _bytes -= bytes;
                if (_room is { } room)
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
