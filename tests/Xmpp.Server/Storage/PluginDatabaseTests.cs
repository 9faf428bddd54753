using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>The tables of plugins: versions, durability, and what goes with an account.</summary>
public abstract class PluginDatabaseTests(StorageProvider provider)
{
    private const string First = "CREATE TABLE notes (number {id}, account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE, body {blob})";
    private const string Second = "CREATE TABLE notes_seen (account TEXT PRIMARY KEY, number BIGINT NOT NULL) {clustered}";
    private static readonly Jid Ann = "ann@one.test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_schema_grows_step_by_step_and_keeps_what_is_in_it()
    {
        await using var storage = new TestStorage(provider);
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "x", Ct);
        var databases = storage.Get<IPluginDatabases>();
        var before = databases.Open("Notes", [First]);
        Assert.Equal(1, await AddAsync(before, "a"));

        var after = databases.Open("Notes", [First, Second]);

        Assert.Equal(2, await AddAsync(after, "b"));
        Assert.Equal(2, await after.ReadAsync(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM notes"), Ct));
        Assert.Equal(0, await after.ReadAsync(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM notes_seen"), Ct));
    }

    [Fact]
    public async Task Rows_go_with_their_account()
    {
        await using var storage = new TestStorage(provider);
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "x", Ct);
        var notes = storage.Get<IPluginDatabases>().Open("Notes", [First]);
        await AddAsync(notes, "a");

        await storage.Get<IAccountAdministration>().RemoveAsync(Ann, Ct);

        Assert.Equal(0, await notes.ReadAsync(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM notes"), Ct));
    }

    [Fact]
    public async Task A_write_that_throws_leaves_nothing()
    {
        await using var storage = new TestStorage(provider);
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "x", Ct);
        var notes = storage.Get<IPluginDatabases>().Open("Notes", [First]);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await notes.WriteAsync<int>(c =>
        {
            c.Execute("INSERT INTO notes (account) VALUES ('ann@one.test')");
            throw new InvalidOperationException("no");
        }, Ct));

        Assert.Equal(0, await notes.ReadAsync(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM notes"), Ct));
    }

    [Fact]
    public async Task What_is_remembered_by_the_connection_counts_until_a_write_is_undone_and_not_for_others()
    {
        await using var storage = new TestStorage(provider);
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "x", Ct);
        var (notes, others) = (storage.Get<IPluginDatabases>().Open("Notes", [First]), storage.Get<IPluginDatabases>().Open("Others", []));
        var (mine, theirs) = (await notes.WriteAsync(c => c, Ct), await others.WriteAsync(c => c, Ct));
        Assert.NotSame(mine, theirs);
        Assert.Same(mine, await notes.WriteAsync(c => c, Ct));
        await FailAsync(notes); // alone in its batch: all is rolled back
        var again = await notes.WriteAsync(c => c, Ct);
        Assert.NotSame(mine, again);
        theirs = await others.WriteAsync(c => c, Ct);
        await FailAsync(notes); // by its savepoint now
        Assert.NotSame(again, await notes.WriteAsync(c => c, Ct));
        Assert.Same(theirs, await others.WriteAsync(c => c, Ct));

        static async Task FailAsync(IPluginDatabase database) => await Assert.ThrowsAsync<InvalidOperationException>(async () => await database.WriteAsync<int>(_ => throw new InvalidOperationException("no"), Ct));
    }

    [Fact]
    public async Task Writes_that_fail_are_undone_among_others_that_are_kept_in_order()
    {
        await using var storage = new TestStorage(provider);
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "x", Ct);
        var notes = storage.Get<IPluginDatabases>().Open("Notes", [First]);
        for (var round = 0; round < 3; round++)
        {
            var writes = Enumerable.Range(0, 100).Select(i => i % 10 == round ? notes.WriteAsync<long>(c =>
            {
                c.Execute("INSERT INTO notes (account) VALUES ('ann@one.test')");
                throw new InvalidOperationException("no");
            }, Ct).AsTask() : AddAsync(notes, $"{i}").AsTask()).ToList();
            foreach (var (write, i) in writes.Select((w, i) => (w, i))) Assert.Equal(i % 10 == round, await write.ContinueWith(w => w.IsFaulted, TaskScheduler.Default));
            var ids = writes.Where(w => w.IsCompletedSuccessfully).Select(w => w.Result).ToList();
            Assert.Equal(ids.Order(), ids);
        }

        Assert.Equal(270, await notes.ReadAsync(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM notes WHERE body IS NOT NULL"), Ct));
        Assert.Equal(270, await notes.ReadAsync(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM notes"), Ct));
    }

    [Fact]
    public async Task Tables_of_a_newer_version_and_steps_that_fail_stop_the_start()
    {
        await using var storage = new TestStorage(provider);
        var databases = storage.Get<IPluginDatabases>();
        databases.Open("Notes", [First, Second]);

        Assert.Contains("newer version", Assert.Throws<StartFailureException>(() => databases.Open("Notes", [First])).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be made", Assert.Throws<StartFailureException>(() => databases.Open("Other", [First.Replace("notes", "others", StringComparison.Ordinal), "CREATE NONSENSE"])).Message, StringComparison.Ordinal);
        databases.Open("Other", [First.Replace("notes", "others", StringComparison.Ordinal)]); // of the failed start nothing was left
    }

    private static ValueTask<long> AddAsync(IPluginDatabase notes, string body) =>
        notes.WriteAsync(c => c.ExecuteScalar<long>("INSERT INTO notes (account, body) VALUES (@account, @body) RETURNING number", new { account = Ann.ToString(), body = System.Text.Encoding.UTF8.GetBytes(body) }), Ct);
}

/// <summary>On SQLite.</summary>
public sealed class SqlitePluginDatabaseTests() : PluginDatabaseTests(StorageProvider.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlPluginDatabaseTests() : PluginDatabaseTests(StorageProvider.PostgreSql);
