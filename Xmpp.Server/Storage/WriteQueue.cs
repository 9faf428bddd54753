using System.Threading.Channels;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Runs writes one after another and commits as many at a time as have come: one flush of the disk for all of them.</summary>
internal sealed class WriteQueue : IAsyncDisposable
{
    private const int MaxBatch = 500;
    private readonly Channel<Write> _writes = Channel.CreateBounded<Write>(new BoundedChannelOptions(10_000) { SingleReader = true });
    private readonly SqliteConnection _connection;
    private readonly Task _running;

    public WriteQueue(SqliteConnection connection)
    {
        _connection = connection;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Runs a write; completes once it is committed.</summary>
    public async ValueTask<T> RunAsync<T>(Func<SqliteConnection, T> work, CancellationToken ct)
    {
        var write = new Write<T>(work);
        await _writes.Writer.WriteAsync(write, ct);
        return await write.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _running;
    }

    private async Task RunAsync()
    {
        var batch = new List<Write>();
        while (await _writes.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _writes.Reader.TryRead(out var write)) batch.Add(write);
            try
            {
                Commit(batch);
            }
            catch (Exception e)
            {
                // Such as a full disk: every caller of this batch hears of it, and the next batch is tried afresh.
                foreach (var write in batch) write.Fail(e);
            }
        }
    }

    private void Commit(List<Write> batch)
    {
        _connection.Execute("BEGIN IMMEDIATE");
        try
        {
            foreach (var write in batch)
            {
                _connection.Execute("SAVEPOINT one");
                if (!write.Run(_connection)) _connection.Execute("ROLLBACK TO one");
                _connection.Execute("RELEASE one");
            }

            _connection.Execute("COMMIT");
        }
        catch (SqliteException)
        {
            // Some failures end the transaction by themselves; then there is nothing left to roll back.
            if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0) _connection.Execute("ROLLBACK");
            throw;
        }

        foreach (var write in batch) write.Succeed();
    }

    private abstract class Write
    {
        /// <summary>False if it threw and must be undone.</summary>
        public abstract bool Run(SqliteConnection connection);

        public abstract void Succeed();

        public abstract void Fail(Exception e);
    }

    private sealed class Write<T>(Func<SqliteConnection, T> work) : Write
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Task => _done.Task;

        public override bool Run(SqliteConnection connection)
        {
            try
            {
                _result = work(connection);
                return true;
            }
            catch (Exception e)
            {
                _done.TrySetException(e);
                return false;
            }
        }

        public override void Succeed() => _done.TrySetResult(_result!);

        public override void Fail(Exception e) => _done.TrySetException(e);
    }
}
