using Dapper;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>What the database does for its writers, whichever it is.</summary>
public abstract class DatabaseTests(StorageProvider provider)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_that_fails_undoes_itself_and_none_beside_it()
    {
        await using var storage = new TestStorage(provider);
        var database = storage.Get<Database>();
        var writes = Enumerable.Range(0, 300).Select(i => database.WriteAsync(c =>
        {
            c.Execute("INSERT INTO accounts (account, domain, created) VALUES (@a, 'one.test', 0)", new { a = $"u{i}@one.test" });
            return i % 3 == 0 ? throw new InvalidOperationException("no") : i;
        }, Ct).AsTask()).ToList();
        for (var i = 0; i < writes.Count; i++)
        {
            if (i % 3 == 0) await Assert.ThrowsAsync<InvalidOperationException>(() => writes[i]);
            else Assert.Equal(i, await writes[i]);
        }

        Assert.Equal(200, (await storage.Get<IAccountAdministration>().ListAsync(null, Ct)).Count);
    }

    [Fact]
    public async Task Two_processes_share_the_file()
    {
        await using var server = new TestStorage(provider);
        _ = server.Get<Database>();
        await using var commandLine = new TestStorage(server.ServerSettings);
        await Task.WhenAll(
            Task.Run(async () => { for (var i = 0; i < 20; i++) await server.Get<IAccountAdministration>().AddAsync($"s{i}@one.test", "x", Ct); }, Ct),
            Task.Run(async () => { for (var i = 0; i < 20; i++) await commandLine.Get<IAccountAdministration>().AddAsync($"c{i}@one.test", "x", Ct); }, Ct));
        Assert.Equal(40, (await server.Get<IAccountAdministration>().ListAsync(null, Ct)).Count);
        Assert.Equal(40, (await commandLine.Get<IAccountAdministration>().ListAsync(null, Ct)).Count);
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteDatabaseTests() : DatabaseTests(StorageProvider.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlDatabaseTests() : DatabaseTests(StorageProvider.PostgreSql);
