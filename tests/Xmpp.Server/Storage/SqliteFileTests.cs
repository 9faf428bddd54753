using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>The file itself: durability, versions, faults.</summary>
public sealed class SqliteFileTests
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
        await using (var again = new TestStorage(TestStorage.Settings(left)))
        {
            Assert.True(await again.Get<IAccountStore>().ExistsAsync(Ann, Ct));
            Assert.Single(await again.Get<IRosterStore>().ReadAsync(Ann, Ct));
            Assert.Equal("hi", Assert.Single(await again.Get<IOfflineStore>().ReadAsync(Ann, 10, ct: Ct)).Message.Body);
            Assert.NotNull(await again.Get<IPrivateStore>().ReadAsync(Ann, "d", Ct));
        }

        Directory.Delete(left, recursive: true);
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
        File.WriteAllText(Path.Combine(directory, SqliteEngine.FileName), new string('x', 5000));
        Assert.Equal("Server:DataDirectory", Assert.Throws<StartFailureException>(() => new Database(TestStorage.Settings(directory))).Key);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_left_alone()
    {
        await using var storage = new TestStorage();
        await storage.Get<Database>().WriteAsync(c => c.Execute("INSERT INTO accounts VALUES ('ann@one.test', 'one.test', 0)"), Ct);
        using (var connection = storage.Get<Database>().Engine.Open()) connection.Execute("PRAGMA user_version = 99");
        var failure = Assert.Throws<StartFailureException>(() => new Database(TestStorage.Settings(storage.Directory)));
        Assert.Contains("newer version", failure.Message, StringComparison.Ordinal);
        Assert.True(await storage.Get<IAccountStore>().ExistsAsync(Ann, Ct));
    }
}
