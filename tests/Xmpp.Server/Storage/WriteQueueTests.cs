using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>The writer where the database does what it should not.</summary>
public sealed class WriteQueueTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("parley-storage").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_commit_that_fails_in_whatever_way_fails_its_own_writes_and_none_that_come_later()
    {
        var engine = new MoodyEngine(_directory);
        await using var queue = Start(engine);
        var before = await queue.RunAsync(this, c => c, Ct);
        engine.OnCommit = _ => throw new InvalidOperationException("a driver's fault");

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await AddAsync(queue, 1));

        engine.OnCommit = null;
        Assert.Equal(1, await AddAsync(queue, 2));
        Assert.Equal([2], await NumbersAsync(queue));
        Assert.NotSame(before, await queue.RunAsync(this, c => c, Ct)); // what was remembered by it is void
        Assert.Equal(1, engine.Opened);
    }

    [Fact]
    public async Task A_connection_that_cannot_roll_back_is_replaced_and_what_was_not_committed_is_done_again()
    {
        var engine = new MoodyEngine(_directory);
        await using var queue = Start(engine);
        var begun = 0;
        engine.OnBegin = _ =>
        {
            if (begun++ == 0) throw new InvalidOperationException("a driver's fault");
        };
        engine.OnRollback = _ => throw new InvalidOperationException("another");

        Assert.Equal(1, await AddAsync(queue, 1));

        Assert.Equal((2, 2), (engine.Opened, begun));
        Assert.Equal([1], await NumbersAsync(queue));
    }

    [Fact]
    public async Task A_connection_that_was_lost_between_writes_is_replaced()
    {
        var engine = new MoodyEngine(_directory);
        await using var queue = Start(engine);
        Assert.Equal(1, await AddAsync(queue, 1));
        engine.AfterCommit = c => c.Close();
        var before = await queue.RunAsync(this, c => c, Ct);
        engine.AfterCommit = null;

        Assert.Equal(1, await AddAsync(queue, 2));
        Assert.Equal([1, 2], await NumbersAsync(queue));
        Assert.NotSame(before, await queue.RunAsync(this, c => c, Ct));
        Assert.Equal(2, engine.Opened);
    }

    private static WriteQueue Start(MoodyEngine engine)
    {
        var connection = engine.OpenWriter();
        connection.Execute("CREATE TABLE numbers (number INTEGER NOT NULL)");
        return new WriteQueue(engine, connection, NullLogger.Instance);
    }

    private async Task<int> AddAsync(WriteQueue queue, int number) => await queue.RunAsync(this, c => c.Execute("INSERT INTO numbers (number) VALUES (@number)", new { number }), Ct);

    private async Task<IReadOnlyList<long>> NumbersAsync(WriteQueue queue) => await queue.RunAsync(this, c => c.Query<long>("SELECT number FROM numbers ORDER BY number").AsList(), Ct);

    /// <summary>SQLite, but for what a test does to it.</summary>
    private sealed class MoodyEngine(string directory) : DatabaseEngine
    {
        private readonly SqliteEngine _inner = new(TestStorage.Settings(directory));

        public Action<DbConnection>? OnBegin { get; set; }

        public Action<DbConnection>? OnCommit { get; set; }

        public Action<DbConnection>? AfterCommit { get; set; }

        public Action<DbConnection>? OnRollback { get; set; }

        public int Opened { get; private set; }

        public override string Key => _inner.Key;

        public override string Name => _inner.Name;

        public override string BeginMigration => _inner.BeginMigration;

        public override DbConnection Open() => _inner.Open();

        public override DbConnection OpenWriter()
        {
            Opened++;
            return _inner.OpenWriter();
        }

        public override ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken ct) => _inner.ReadAsync(read, ct);

        public override string Translate(string step) => _inner.Translate(step);

        public override int ReadVersion(DbConnection connection) => _inner.ReadVersion(connection);

        public override void WriteVersion(DbConnection connection, int version) => _inner.WriteVersion(connection, version);

        public override void Begin(DbConnection connection)
        {
            OnBegin?.Invoke(connection);
            _inner.Begin(connection);
        }

        public override void Commit(DbConnection connection)
        {
            OnCommit?.Invoke(connection);
            _inner.Commit(connection);
            AfterCommit?.Invoke(connection);
        }

        public override void Rollback(DbConnection connection)
        {
            OnRollback?.Invoke(connection);
            _inner.Rollback(connection);
        }

        public override ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}
