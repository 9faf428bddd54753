namespace Parley.Xmpp.Server.Routing;

/// <summary>
/// A session's messages that have begun and wait, such as for the disk. Each goes on once those before it have, so that nobody sees their order change; the next ones begin meanwhile, and
/// what they wait for is theirs in common. Only the session's own turn adds, one message after another.
/// </summary>
/// <param name="limit">How many may wait.</param>
/// <param name="byteLimit">At how many bytes of them no more begin.</param>
internal sealed class MessagesUnderWay(int limit, int byteLimit)
{
    private readonly Lock _gate = new();
    private Queue<(Func<ValueTask> GoOn, int Bytes)>? _waiting; // while there are some; the first is about to go on, or does
    private TaskCompletionSource? _room, _idle;
    private int _bytes;

    /// <summary>Whether there are none.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate) return _waiting is null;
        }
    }

    /// <summary>Where the one waits that all behind it may not pass; of no meaning without any.</summary>
    public Halt? Halt { get; private set; }

    /// <summary>The table in which that is.</summary>
    public RoutingTable? Table { get; private set; }

    /// <summary>Adds one behind the others.</summary>
    /// <param name="goOn">What is left to be done, in its turn; it does not throw.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="halt">Where it waits; null where it is behind others only.</param>
    /// <param name="table">The table in which that is.</param>
    public void Add(Func<ValueTask> goOn, int bytes, Halt? halt, RoutingTable table)
    {
        lock (_gate)
        {
            if (halt is not null) (Halt, Table) = (halt, table);
            _bytes += bytes;
            var isFirst = _waiting is null;
            (_waiting ??= new()).Enqueue((goOn, bytes));
            if (!isFirst) return;
        }

        _ = GoOnAsync();
    }

    /// <summary>Waits until one more may begin.</summary>
    public async ValueTask RoomAsync()
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (HasRoom) return;
                room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await room;
        }
    }

    /// <summary>Waits until all have gone on.</summary>
    public async ValueTask IdleAsync()
    {
        Task idle;
        lock (_gate)
        {
            if (_waiting is null) return;
            idle = (_idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await idle;
    }

    private bool HasRoom => _waiting is null || (_waiting.Count < limit && _bytes < byteLimit);

    private async Task GoOnAsync()
    {
        for (var next = First(); next is not null; next = Next()) await next();
    }

    private Func<ValueTask> First()
    {
        lock (_gate) return _waiting!.Peek().GoOn;
    }

    private Func<ValueTask>? Next()
    {
        lock (_gate)
        {
            _bytes -= _waiting!.Dequeue().Bytes;
            if (_room is not null && HasRoom)
            {
                _room.SetResult();
                _room = null;
            }

            if (_waiting.TryPeek(out var next)) return next.GoOn;
            (_waiting, Halt, Table) = (null, null, null);
            _idle?.SetResult();
            _idle = null;
            return null;
        }
    }
}
