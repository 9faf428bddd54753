using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;

namespace Parley.Xmpp.Server.Storage;

/// <summary>
/// Reads from a database across a network: the statement waits on a thread of its own, never on one of the pool's. Threads start as they are needed.
/// A read whose connection turns out to be broken, as all are after the database was restarted, is done once more on a new one.
/// </summary>
internal sealed class ReaderThreads(Func<DbConnection> open) : IAsyncDisposable
{
    /// <summary>The most reads at a time; more wait their turn.</summary>
    public const int MaxThreads = 8;

    private const int StackBytes = 256 * 1024;

#pragma warning disable CA2213 // Somebody may be about to add a read, or a thread to look for one, when this is disposed; what it holds is memory.
    private readonly BlockingCollection<Action> _reads = [];
#pragma warning restore CA2213
    private readonly List<Thread> _threads = [];
    private int _unfinished;
    private volatile int _started;

    /// <summary>Reads on a connection lent for the call.</summary>
    /// <exception cref="InvalidOperationException">It is disposed.</exception>
    public async ValueTask<T> RunAsync<T>(Func<DbConnection, T> read, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _reads.Add(() =>
        {
            try
            {
                ct.ThrowIfCancellationRequested();
                done.SetResult(Read(read));
            }
            catch (OperationCanceledException e)
            {
                done.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }, CancellationToken.None);
        StartOneIfNeeded();
        return await done.Task;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        // From here on no read is taken, and no thread starts.
        lock (_threads) _reads.CompleteAdding();
        foreach (var thread in _threads) thread.Join();
        // What was taken before its thread was started.
        while (_reads.TryTake(out var read)) read();
        return ValueTask.CompletedTask;
    }

    private T Read<T>(Func<DbConnection, T> read)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            using var connection = open();
            try
            {
                return read(connection);
            }
            catch (Exception) when (!isSecond && connection.State != ConnectionState.Open)
            {
                // A new one below.
            }
        }
    }

    private void StartOneIfNeeded()
    {
        // A thread for each read that has not finished: one that is about to take a read, or to be ready for the next, must not count as free.
        var needed = Math.Min(Interlocked.Increment(ref _unfinished), MaxThreads);
        if (_started >= needed) return;
        lock (_threads)
        {
            if (_started >= needed || _reads.IsAddingCompleted) return;
            _started++;
            var thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "database reader" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    private void Run()
    {
        while (_reads.TryTake(out var read, Timeout.Infinite))
        {
            read();
            Interlocked.Decrement(ref _unfinished);
        }
    }
}
