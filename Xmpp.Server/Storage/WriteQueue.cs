using System.Data;
using System.Data.Common;
using System.Diagnostics;
using System.Threading.Channels;
using Dapper;
using Microsoft.Extensions.Logging;

namespace Parley.Xmpp.Server.Storage;

/// <summary>
/// Runs writes one after another, on a thread of its own, and commits as many at a time as have come: one flush of the disk for all of them. Where one throws,
/// its batch is rolled back and done again with a savepoint for each, so that only what failed is undone; so are the next ones, in case refusals are what somebody is after.
/// </summary>
internal sealed class WriteQueue : IAsyncDisposable
{
    private const int MaxBatch = 500;
    private const int CautiousBatches = 50;

    /// <summary>How long a write waits for a connection that was lost.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    // The waiting thread is woken by whoever writes, without another thread between them.
    private readonly Channel<Write> _writes = Channel.CreateBounded<Write>(new BoundedChannelOptions(10_000) { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly DatabaseEngine _engine;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<object, LentConnection> _lent = [];
    private DbConnection? _connection;
    private int _cautious;

    /// <summary>Starts; the queue disposes the connection.</summary>
    public WriteQueue(DatabaseEngine engine, DbConnection connection, ILogger log)
    {
        (_engine, _connection, _log) = (engine, connection, log);
        _thread = new Thread(Run) { IsBackground = true, Name = "database writer" };
        _thread.Start();
    }

    /// <summary>Runs a write; completes once it is committed.</summary>
    /// <param name="owner">Whose it is: each has a <see cref="LentConnection"/> of its own.</param>
    /// <param name="work">The write.</param>
    /// <param name="ct">Ends the wait for a place in the queue.</param>
    public async ValueTask<T> RunAsync<T>(object owner, Func<DbConnection, T> work, CancellationToken ct)
    {
        var write = new Write<T>(owner, work);
        await _writes.Writer.WriteAsync(write, ct);
        return await write.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _ended.Task;
    }

    private void Run()
    {
        var batch = new List<Write>();
        while (_writes.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _writes.Reader.TryRead(out var write)) batch.Add(write);
            try
            {
                Commit(batch);
                foreach (var write in batch) write.Complete();
            }
            catch (Exception e)
            {
                // Such as a full disk: every caller of this batch hears of it, and the next batch is tried afresh.
                foreach (var write in batch) write.Fail(e);
            }
        }

        _connection?.Dispose();
        _ended.SetResult();
    }

    private void Commit(List<Write> batch)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            var connection = Connect();
            var isAsked = false;
            try
            {
                if (_cautious > 0) _cautious--;
                if (_cautious > 0)
                {
                    TryRun(connection, batch, each: true);
                }
                else if (!TryRun(connection, batch, each: false))
                {
                    _cautious = CautiousBatches;
                    if (batch.Count == 1) return;
                    TryRun(connection, batch, each: true);
                }

                isAsked = true;
                _engine.Commit(connection);
                return;
            }
            catch (Exception e)
            {
                // Whatever it was: a transaction that stays open would fail every batch to come. What anybody remembers of the rows of this one is wrong.
                _lent.Clear();
                if (connection.State == ConnectionState.Open && TryRollback(connection)) throw;
                Drop(connection);
                // Without a commit nothing of it can have been kept, so it may be done once more; otherwise nobody knows.
                if (isAsked || isSecond) throw;
                _log.LogWarning(700, "The connection to {Database} was lost: {Reason}", _engine.Name, e.Message);
            }
        }
    }

    private bool TryRollback(DbConnection connection)
    {
        try
        {
            _engine.Rollback(connection);
            return true;
        }
        catch (Exception e)
        {
            _log.LogWarning(702, e, "A transaction of {Database} cannot be rolled back; its connection is closed", _engine.Name);
            return false;
        }
    }

    private void Drop(DbConnection connection)
    {
        _lent.Clear();
        _connection = null;
        connection.Dispose();
    }

    // False, where they are not undone each by itself: one threw, and all was rolled back.
    private bool TryRun(DbConnection connection, List<Write> batch, bool each)
    {
        _engine.Begin(connection);
        foreach (var write in batch)
        {
            if (each) connection.Execute("SAVEPOINT one");
            var isDone = write.Run(Lend(connection, write.Owner));
            if (!isDone && connection.State != ConnectionState.Open) throw new LostConnectionException(write.Fault!);
            if (!isDone && !each)
            {
                _lent.Clear();
                _engine.Rollback(connection);
                return false;
            }

            if (!isDone)
            {
                _lent.Remove(write.Owner);
                connection.Execute("ROLLBACK TO one");
            }

            if (each) connection.Execute("RELEASE one");
        }

        return true;
    }

    private LentConnection Lend(DbConnection connection, object owner)
    {
        if (!_lent.TryGetValue(owner, out var lent)) _lent[owner] = lent = new LentConnection(connection);
        return lent;
    }

    private DbConnection Connect()
    {
        var clock = Stopwatch.StartNew();
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            if (_connection is { State: ConnectionState.Open }) return _connection;
            if (_connection is not null) Drop(_connection); // lost between two batches
            try
            {
                _connection = _engine.OpenWriter();
                _log.LogInformation(701, "Connected to {Database} again", _engine.Name);
            }
            catch (DbException e) when (clock.Elapsed + wait < Patience)
            {
                _log.LogDebug(e, "Cannot connect to {Database} yet", _engine.Name);
                Thread.Sleep(wait);
            }
        }
    }

    private sealed class LostConnectionException(Exception inner) : Exception(inner.Message, inner);

    private abstract class Write(object owner)
    {
        /// <summary>Whose it is.</summary>
        public object Owner => owner;

        /// <summary>What it threw when it ran last; null if it did not.</summary>
        public Exception? Fault { get; protected set; }

        /// <summary>False if it threw and must be undone.</summary>
        public abstract bool Run(DbConnection connection);

        /// <summary>It is committed, or undone if it threw.</summary>
        public abstract void Complete();

        public abstract void Fail(Exception e);
    }

    private sealed class Write<T>(object owner, Func<DbConnection, T> work) : Write(owner)
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Task => _done.Task;

        public override bool Run(DbConnection connection)
        {
            try
            {
                _result = work(connection);
                Fault = null;
                return true;
            }
            catch (Exception e)
            {
                Fault = e;
                return false;
            }
        }

        public override void Complete()
        {
            if (Fault is { } fault) _done.TrySetException(fault);
            else _done.TrySetResult(_result!);
        }

        public override void Fail(Exception e) => _done.TrySetException(e);
    }
}
