using System.Data.Common;
using Dapper;
using Parley.Plugin.Abstractions;
using Parley.tests.Lab;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>A database that is elsewhere: not there, not ours, gone for a while.</summary>
public sealed class PostgreSqlConnectionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=d;Username=u;Password=hidden;Timeout=2")]
    [InlineData("postgresql://u:hidden@127.0.0.1:1/d?connect_timeout=2")]
    public void A_server_that_cannot_be_reached_stops_the_start_and_no_password_shows(string address)
    {
        var failure = Assert.Throws<StartFailureException>(() => new Database(Settings(address)));
        Assert.StartsWith("Storage:ConnectionString: cannot use the PostgreSQL database \"d\" at 127.0.0.1:1 (", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_is_not_there_or_holds_another_alphabet_stops_the_start()
    {
        Assert.Contains("does not exist", Assert.Throws<StartFailureException>(() => new Database(Settings(PostgreSqlCluster.Shared.ConnectionString("none")))).Message, StringComparison.Ordinal);
        var latin = PostgreSqlCluster.Shared.MakeDatabase("ENCODING 'LATIN1'");
        Assert.Contains("ENCODING 'UTF8'", Assert.Throws<StartFailureException>(() => new Database(Settings(latin))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("Password=hidden", "no Host")]
    [InlineData("Host=db;Password=hidden;Colour=hidden", "one of the keywords")]
    [InlineData("Host=db;Password=a;hidden=b", "one of the keywords")]
    [InlineData("Host=db;Port=hidden", "Port")]
    [InlineData("just hidden", "expected Host=")]
    [InlineData("postgresql://u:hidden@db/d?colour=hidden", "one of the parameters")]
    [InlineData("postgresql://u:1?hidden@db/d", "one of the parameters")]
    [InlineData("postgresql://u:1?hidden=2@db/d", "one of the parameters")]
    [InlineData("postgresql://u:hidden@db/d?sslmode", "sslmode")]
    [InlineData("postgresql://u:hidden@db/d?sslmode=hidden", "sslmode")]
    public void What_is_no_connection_string_is_named_without_its_values(string text, string expected)
    {
        var fault = Assert.Single(Settings(text).Validate());
        Assert.StartsWith("Storage:ConnectionString: ", fault, StringComparison.Ordinal);
        Assert.Contains(expected, fault, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("hidden", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_says_what_keywords_say()
    {
        var builder = PostgreSqlAddress.Read("postgres://ann%40x:p%2Fw@db.test:6543/chat?sslmode=verify-full&application_name=two");
        Assert.Equal(("db.test", 6543, "chat", "ann@x", "p/w", Npgsql.SslMode.VerifyFull, "two"), (builder.Host, builder.Port, builder.Database, builder.Username, builder.Password, builder.SslMode, builder.ApplicationName));
        var files = PostgreSqlAddress.Read("postgres://db.test/my-chat?sslmode=verify-ca&sslrootcert=/etc/own-ca/root-1.pem&application_name=chat-two&target_session_attrs=read-write&options=-c%20search_path%3Da-b");
        Assert.Equal(("my-chat", Npgsql.SslMode.VerifyCA, "/etc/own-ca/root-1.pem", "chat-two", "read-write", "-c search_path=a-b"), (files.Database, files.SslMode, files.RootCertificate, files.ApplicationName, files.TargetSessionAttributes, files.Options));
        Assert.Equal(("parley", 200), (PostgreSqlAddress.Read("Host=db").ApplicationName, PostgreSqlAddress.Read("Host=db").MaxAutoPrepare));
        Assert.Equal(0, PostgreSqlAddress.Read("Host=db;Max Auto Prepare=0").MaxAutoPrepare);
    }

    [Fact]
    public async Task Processes_that_start_at_once_make_the_schema_once()
    {
        var settings = Settings(PostgreSqlCluster.Shared.MakeDatabase());
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new Database(settings), Ct)));
        Assert.Equal(Migrations.Steps.Count, await all[0].ReadAsync(c => c.ExecuteScalar<int>("SELECT SUM(version) FROM schema_version"), Ct));
        foreach (var database in all) await database.DisposeAsync();
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_left_alone()
    {
        await using var storage = new TestStorage(StorageProvider.PostgreSql);
        await storage.Get<Database>().WriteAsync(c => c.Execute("UPDATE schema_version SET version = 99"), Ct);
        Assert.Contains("newer version", Assert.Throws<StartFailureException>(() => new Database(storage.ServerSettings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writes_wait_for_a_database_that_restarts_and_what_was_acknowledged_is_there()
    {
        using var cluster = new PostgreSqlCluster();
        await using var storage = new TestStorage(cluster.MakeDatabase());
        var accounts = storage.Get<IAccountAdministration>();
        await accounts.AddAsync("ann@one.test", "x", Ct);
        Assert.True(await storage.Get<IAccountStore>().ExistsAsync("ann@one.test", Ct));
        cluster.Stop();
        await Assert.ThrowsAnyAsync<DbException>(async () => await storage.Get<IAccountStore>().ExistsAsync("ann@one.test", Ct));
        var waiting = Enumerable.Range(0, 20).Select(i => storage.Get<Database>().WriteAsync(c => c.Execute("INSERT INTO accounts (account, domain, created) VALUES (@a, 'one.test', 0)", new { a = $"u{i}@one.test" }), Ct).AsTask()).ToList();
        await Task.Delay(200, Ct);
        Assert.All(waiting, w => Assert.False(w.IsCompleted));

        cluster.StartAgain();

        await Task.WhenAll(waiting);
        Assert.True(await storage.Get<IAccountStore>().ExistsAsync("ann@one.test", Ct));
        Assert.Equal(21, (await accounts.ListAsync(null, Ct)).Count);
    }

    // Nothing is put into the directory: the database is elsewhere.
    private static XmppServerSettings Settings(string address) => TestStorage.Settings("unused", address);
}
