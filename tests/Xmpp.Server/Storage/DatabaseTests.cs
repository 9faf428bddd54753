using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>The file itself: durability, versions, faults.</summary>
public sealed class DatabaseTests
{
    private static readonly Jid Ann = "ann@one.test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_kill()
    {
        await using var storage = new TestStorage();
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "x", Ct);
        Assert.True(await StoreTests.FillAsync(storage, Ann));
        // The files as they are at this moment, the process still holding them: what a SIGKILL would leave.
        var left = Directory.CreateTempSubdirectory("parley-killed").FullName;
        foreach (var file in Directory.GetFiles(storage.Directory)) File.Copy(file, Path.Combine(left, Path.GetFileName(file)));
        await using (var again = new TestStorage(left))
        {
            Assert.True(await again.Get<IAccountStore>().ExistsAsync(Ann, Ct));
            Assert.Single(await again.Get<IRosterStore>().ReadAsync(Ann, Ct));
            Assert.Equal("hi", Assert.Single(await again.Get<IOfflineStore>().ReadAsync(Ann, 10, Ct)).Message.Body);
            Assert.NotNull(await again.Get<IPrivateStore>().ReadAsync(Ann, "d", Ct));
        }

        Directory.Delete(left, recursive: true);
    }

    [Fact]
    public async Task A_write_that_fails_undoes_itself_and_none_beside_it()
    {
        await using var storage = new TestStorage();
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
        await using var server = new TestStorage();
        _ = server.Get<Database>();
        await using var commandLine = new TestStorage(server.Directory);
        await Task.WhenAll(
            Task.Run(async () => { for (var i = 0; i < 20; i++) await server.Get<IAccountAdministration>().AddAsync($"s{i}@one.test", "x", Ct); }, Ct),
            Task.Run(async () => { for (var i = 0; i < 20; i++) await commandLine.Get<IAccountAdministration>().AddAsync($"c{i}@one.test", "x", Ct); }, Ct));
        Assert.Equal(40, (await server.Get<IAccountAdministration>().ListAsync(null, Ct)).Count);
        Assert.Equal(40, (await commandLine.Get<IAccountAdministration>().ListAsync(null, Ct)).Count);
    }

    [Fact]
    public async Task The_file_is_its_owners_alone()
    {
        await using var storage = new TestStorage();
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "x", Ct);
        Assert.All(Directory.GetFiles(storage.Directory), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_named_by_its_key()
    {
        var file = Path.GetTempFileName();
        var failure = Assert.Throws<StartFailureException>(() => new Database(TestStorage.Settings(Path.Combine(file, "data"))));
        Assert.StartsWith("Server:DataDirectory: ", failure.Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public void A_file_that_is_no_database_stops_the_start()
    {
        var directory = Directory.CreateTempSubdirectory("parley-storage").FullName;
        File.WriteAllText(Path.Combine(directory, Database.FileName), new string('x', 5000));
        Assert.Equal("Server:DataDirectory", Assert.Throws<StartFailureException>(() => new Database(TestStorage.Settings(directory))).Key);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_left_alone()
    {
        await using var storage = new TestStorage();
        await storage.Get<Database>().WriteAsync(c => c.Execute("INSERT INTO accounts VALUES ('ann@one.test', 'one.test', 0)"), Ct);
        using (var connection = storage.Get<Database>().Open()) connection.Execute("PRAGMA user_version = 99");
        var failure = Assert.Throws<StartFailureException>(() => new Database(TestStorage.Settings(storage.Directory)));
        Assert.Contains("newer version", failure.Message, StringComparison.Ordinal);
        Assert.True(await storage.Get<IAccountStore>().ExistsAsync(Ann, Ct));
    }
}
