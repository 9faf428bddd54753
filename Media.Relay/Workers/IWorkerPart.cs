namespace Parley.Media.Relay.Workers;

/// <summary>Something that lives on one worker's thread beside its media socket, such as its TURN server. All methods are called on that thread.</summary>
public interface IWorkerPart : IDisposable
{
    /// <summary>The worker begins; sockets may be opened and watched from now on.</summary>
    void Start(IWorkerLoop loop);

    /// <summary>Does what is due; returns when to call again, <see cref="long.MaxValue"/> for not.</summary>
    long Tick(long nowMs);

    /// <summary>Sends what was queued since the last call: once per round of the loop.</summary>
    void Flush();
}

/// <summary>What a worker's loop offers to its parts.</summary>
public interface IWorkerLoop
{
    /// <summary>The worker's number, from 0.</summary>
    int Index { get; }

    /// <summary>The loop's clock in milliseconds; never goes back. The same for all workers of a relay.</summary>
    long NowMs { get; }

    /// <summary>Watches a non-blocking descriptor for reading; the reader drains it with a bound per call (level-triggered, so the rest comes next round).</summary>
    void Watch(int fd, IReadable reader);

    /// <summary>Stops watching; before the descriptor is closed.</summary>
    void Unwatch(int fd);

    /// <summary>Runs an action on this worker's thread soon. From any thread; false while the bounded ring is full or the worker has ended.</summary>
    bool Post(Action action);
}

/// <summary>Reads from a watched descriptor that has an error queue, too.</summary>
public interface IErrorReadable : IReadable
{
    /// <summary>There is something in the error queue; called before <see cref="IReadable.OnReadable"/>.</summary>
    void OnError(long nowMs);
}

/// <summary>Reads from a watched descriptor.</summary>
public interface IReadable
{
    /// <summary>There is something to read.</summary>
    void OnReadable(long nowMs);
}
