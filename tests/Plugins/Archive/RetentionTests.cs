using Parley.Plugin.Abstractions;
using Parley.Plugins.Archive;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;
using static Parley.tests.Plugins.Archive.ArchiveLab;

namespace Parley.tests.Plugins.Archive;

/// <summary>What is removed, and that nothing else is.</summary>
public class RetentionTests : IAsyncLifetime
{
    private ArchiveLab _lab = null!;

    protected virtual StorageProvider Provider => StorageProvider.Sqlite;

    public async ValueTask InitializeAsync() => _lab = await StartAsync(Provider);

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task AddAsync(Parley.Xmpp.Core.Addressing.Jid owner, string body, int count = 1, string? origin = null)
    {
        await _lab.Store.AddAsync([.. Enumerable.Range(0, count).Select(_ => new ArchiveAddition(owner, Eve, Eve, Message(Eve, owner, $"<body>{body}</body>")) { OriginId = origin })], Ct);
        await _lab.Store.SettleAsync(Ct);
    }

    private ValueTask<long?> CountAsync(string table) => _lab.Database.ReadAsync(c =>
    {
        using var count = new Statement(c, $"SELECT COUNT(*) FROM {table}");
        return count.Number();
    }, Ct);

    [Fact]
    public async Task Messages_go_when_they_are_too_old_a_bounded_number_at_a_time()
    {
        await AddAsync(Ann, "old", Retention.BatchSize * 2 + 1);
        await AddAsync(Room, "old");
        _lab.Time.Advance(TimeSpan.FromDays(300));
        await AddAsync(Ann, "new");
        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal(Retention.BatchSize * 2 + 3, await CountAsync("archive_entries"));

        _lab.Time.Advance(TimeSpan.FromDays(66));
        var before = _lab.Database.Writes;
        await _lab.Retention.PurgeAsync(Ct);

        Assert.Equal(["new"], await _lab.BodiesAsync(Ann));
        Assert.Empty(await _lab.BodiesAsync(Room));
        Assert.Equal(Retention.BatchSize * 2 + 2, _lab.Retention.Removed);
        // Three for Ann's old ones, one for the room's.
        Assert.Equal(4, _lab.Database.Writes - before);
    }

    [Fact]
    public async Task Of_each_owner_the_newest_stay_up_to_so_many()
    {
        _lab.Options.MaxMessages = 100;
        for (var i = 0; i < 3; i++)
        {
            await AddAsync(Ann, $"a{i}", 60);
            await AddAsync(Room, $"r{i}", Retention.BatchSize + 50);
            await AddAsync(Ben, $"b{i}");
            await _lab.Retention.PurgeAsync(Ct);
        }

        Assert.Equal([.. Enumerable.Repeat("a1", 40), .. Enumerable.Repeat("a2", 60)], await _lab.BodiesAsync(Ann));
        Assert.Equal(Enumerable.Repeat("r2", 100), await _lab.BodiesAsync(Room));
        Assert.Equal(["b0", "b1", "b2"], await _lab.BodiesAsync(Ben));
        Assert.Equal(80 + (3 * (Retention.BatchSize + 50)) - 100, _lab.Retention.Removed);
        // Nothing new: nothing is written.
        var before = _lab.Database.Writes;
        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal(before, _lab.Database.Writes);
    }

    [Fact]
    public async Task Of_each_owner_the_newest_stay_up_to_so_many_bytes_whatever_went_meanwhile()
    {
        var large = new string('x', 200_000);
        await AddAsync(Ann, "tiny", 3);
        await AddAsync(Ann, large, 4);
        _lab.Options.MaxBytes = 1024 * 1024;
        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal(0, _lab.Retention.Removed);

        // What was retracted is as small as what is left of it; what is too old counts no more.
        var old = (await _lab.Store.ReadAsync(Ann, new ArchiveQuery(), Ct))!.Entries;
        foreach (var entry in old.TakeLast(2)) Assert.True(await _lab.Store.ReplaceAsync(Ann, entry.Id, Message(Eve, Ann, "<body>gone</body>"), Ct));
        await AddAsync(Ann, large, 3);
        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal(0, _lab.Retention.Removed);
        await UsageIsRightAsync();

        await AddAsync(Ann, large, 1);
        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal([large, "gone", "gone", large, large, large, large], await _lab.BodiesAsync(Ann));
        await UsageIsRightAsync();

        _lab.Time.Advance(TimeSpan.FromDays(366));
        await AddAsync(Ann, "new");
        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal(["new"], await _lab.BodiesAsync(Ann));
        await UsageIsRightAsync();

        // Nothing is counted while there is no limit, and all of it where there is one again.
        _lab.Options.MaxBytes = null;
        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal(0, await CountAsync("archive_usage"));
        _lab.Options.MaxMessages = 100;
        await _lab.Retention.PurgeAsync(Ct);
        await UsageIsRightAsync();
        await _lab.Tables.Get<IAccountAdministration>().RemoveAsync(Ann, Ct);
        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal((0, 0), (await CountAsync("archive_usage"), await CountAsync("archive_entries")));

        async Task UsageIsRightAsync() => Assert.Equal(1, await _lab.Database.ReadAsync(c =>
        {
            using var same = new Statement(c, "SELECT COUNT(*) FROM archive_usage WHERE messages = (SELECT COUNT(*) FROM archive_entries) AND bytes = (SELECT SUM(LENGTH(stanza)) FROM archive_entries)");
            return same.Number();
        }, Ct));
    }

    [Fact]
    public async Task Without_a_limit_everything_stays()
    {
        _lab.Options.Retention = null;
        await AddAsync(Ann, "old");
        _lab.Time.Advance(TimeSpan.FromDays(9999));
        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal(["old"], await _lab.BodiesAsync(Ann));
    }

    [Fact]
    public async Task What_owners_left_that_are_gone_goes_too_and_origins_that_count_no_more()
    {
        await AddAsync(Ann, "1", origin: "a");
        await AddAsync(Ben, "2", origin: "b");
        await AddAsync(Room, "3", origin: "c");
        await _lab.Tables.Get<IAccountAdministration>().RemoveAsync(Ann, Ct);
        await _lab.Store.RemoveAsync(Room, Ct);

        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal(1, await CountAsync("archive_entries"));
        Assert.Equal(1, await CountAsync("archive_origins"));
        Assert.Equal(["2"], await _lab.BodiesAsync(Ben));

        _lab.Time.Advance(TimeSpan.FromHours(25));
        await _lab.Retention.PurgeAsync(Ct);
        Assert.Equal(0, await CountAsync("archive_origins"));
        Assert.Equal(["2"], await _lab.BodiesAsync(Ben));
    }

    [Theory]
    [InlineData("00:10:00", 250, 10, "Retention")]
    [InlineData("1.00:00:00", 0, 10, "MaxMessagesPerQuery")]
    [InlineData(null, 1, -1, "MaxPreferences")]
    [InlineData(null, 10_000, 10_000, null)]
    public void Options_that_cannot_be_meant_are_faults(string? retention, int perQuery, int preferences, string? key)
    {
        var faults = ArchiveOptions.Validate(new ArchiveOptions { Retention = retention is null ? null : TimeSpan.Parse(retention, null), MaxMessagesPerQuery = perQuery, MaxPreferences = preferences });
        Assert.Equal(key, faults.SingleOrDefault()?.Split(':')[0]);
    }

    [Fact]
    public void Limits_that_cannot_be_meant_are_faults() =>
        Assert.Equal(["MaxMessages", "MaxBytes"], ArchiveOptions.Validate(new ArchiveOptions { MaxMessages = 99, MaxBytes = 1024 }).Select(f => f.Split(':')[0]));
}

/// <summary>The same on PostgreSQL.</summary>
public sealed class RetentionOnPostgreSqlTests : RetentionTests
{
    protected override StorageProvider Provider => StorageProvider.PostgreSql;
}
