using System.Data;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Archive;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Server.Configuration;
using static Parley.tests.Plugins.Archive.ArchiveLab;

namespace Parley.tests.Plugins.Archive;

/// <summary>XEP-0313: what an archive gives back of what it was given.</summary>
public class ArchiveStoreTests : IAsyncLifetime
{
    private ArchiveLab _lab = null!;
    private int _added;

    protected virtual StorageProvider Provider => StorageProvider.Sqlite;

    public async ValueTask InitializeAsync() => _lab = await StartAsync(Provider);

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task<string> AddAsync(Jid owner, Jid with, string body, string? origin = null, Jid? author = null, int minutes = 1)
    {
        _lab.Time.Advance(TimeSpan.FromMinutes(minutes));
        var message = Message(author ?? with, owner, $"<body>{body}</body>");
        var id = (await _lab.Store.AddAsync([new ArchiveAddition(owner, with, author ?? with.Bare, message) { OriginId = origin }], Ct))[0]!.Id;
        // Some are in their places, others in the log.
        if (++_added % 3 == 0) await _lab.Store.SettleAsync(Ct);
        return id;
    }

    private async Task<IReadOnlyList<string>> FillAsync(int count)
    {
        var ids = new List<string>();
        for (var i = 1; i <= count; i++) ids.Add(await AddAsync(Ann, i % 2 == 0 ? "eve@two.test/a" : "dan@two.test/b", $"{i}"));
        return ids;
    }

    private async Task IsAsync(string[] bodies, bool isComplete, ArchiveQuery query)
    {
        var page = await _lab.ReadAsync(Ann, query);
        Assert.Equal(bodies, page.Entries.Select(e => e.Message.Body));
        Assert.Equal(isComplete, page.IsComplete);
    }

    private static ArchiveQuery Page(int? max = null, string? after = null, string? before = null) => new() { Page = new ResultSetRequest(max, after, before) };

    [Fact]
    public async Task What_was_added_comes_back_in_order_with_id_time_and_the_stanza_as_it_was()
    {
        var message = Message("eve@two.test/a", Ann, "<body xml:lang='de'>a &lt;b&gt; 'c' \"d\" ü</body><x xmlns='urn:x' a='1' xmlns:y='urn:y' y:b='2'><z/>text</x>", "chat", "m1");
        var how = (await _lab.Store.AddAsync([new ArchiveAddition(Ann, "eve@two.test/a", Eve, message)], Ct))[0]!;

        var entry = Assert.Single((await _lab.ReadAsync(Ann)).Entries);

        Assert.False(how.IsDuplicate);
        Assert.Equal((how.Id, Noon, Eve), (entry.Id, entry.Time, entry.Author));
        Assert.Equal(message.Element.ToString(), entry.Message.Element.ToString());
        Assert.Equal(entry.Id, (await _lab.Store.FindAsync(Ann, how.Id, Ct))!.Id);
        Assert.Null(await _lab.Store.FindAsync(Ben, how.Id, Ct));
    }

    [Fact]
    public async Task Pages_go_forwards_and_backwards_and_say_where_they_end()
    {
        var ids = await FillAsync(7);

        await IsAsync(["1", "2", "3"], false, Page(3));
        await IsAsync(["4", "5", "6"], false, Page(3, after: ids[2]));
        await IsAsync(["7"], true, Page(3, after: ids[5]));
        await IsAsync(["5", "6", "7"], false, Page(3, before: ""));
        await IsAsync(["1", "2", "3", "4"], true, Page(4, before: ids[4]));
        Assert.Equal(ids.Take(3), (await _lab.ReadAsync(Ann, Page(3))).Entries.Select(e => e.Id));
        Assert.Empty((await _lab.ReadAsync(Ann, Page(3, before: ids[0]))).Entries);
    }

    [Fact]
    public async Task Filters_narrow_by_whom_it_is_with_by_time_and_by_id()
    {
        var ids = await FillAsync(6);

        Assert.Equal(["2", "4", "6"], await _lab.BodiesAsync(Ann, new ArchiveQuery { With = Eve }));
        Assert.Equal(["2", "4", "6"], await _lab.BodiesAsync(Ann, new ArchiveQuery { With = "eve@two.test/a" }));
        Assert.Empty(await _lab.BodiesAsync(Ann, new ArchiveQuery { With = "eve@two.test/other" }));
        Assert.Equal(["4", "5", "6"], await _lab.BodiesAsync(Ann, new ArchiveQuery { Start = Noon.AddMinutes(4) }));
        Assert.Equal(["5", "6"], await _lab.BodiesAsync(Ann, new ArchiveQuery { Start = Noon.AddMinutes(4).AddTicks(1) }));
        Assert.Equal(["1", "2"], await _lab.BodiesAsync(Ann, new ArchiveQuery { End = Noon.AddMinutes(2) }));
        Assert.Equal(["3", "4"], await _lab.BodiesAsync(Ann, new ArchiveQuery { AfterId = ids[1], BeforeId = ids[4] }));
        Assert.Equal(["4"], await _lab.BodiesAsync(Ann, new ArchiveQuery { With = Eve, Start = Noon.AddMinutes(3), End = Noon.AddMinutes(5) }));
        Assert.Equal(["2", "6"], await _lab.BodiesAsync(Ann, new ArchiveQuery { Ids = [ids[5], ids[1]] }));
        Assert.Empty(await _lab.BodiesAsync(Ann, new ArchiveQuery { Start = DateTimeOffset.MaxValue }));
        Assert.Equal(6, (await _lab.BodiesAsync(Ann, new ArchiveQuery { Start = DateTimeOffset.MinValue, End = DateTimeOffset.MaxValue })).Count);
    }

    [Fact]
    public async Task An_id_that_is_not_there_is_told_whichever_way_it_is_named()
    {
        var ids = await FillAsync(2);
        var bens = await AddAsync(Ben, Eve, "x");
        foreach (var unknown in (string[])["nonsense", bens, new string('A', 22), "", ids[0] + "A"])
        {
            Assert.Null(await _lab.Store.ReadAsync(Ann, new ArchiveQuery { AfterId = unknown }, Ct));
            Assert.Null(await _lab.Store.ReadAsync(Ann, new ArchiveQuery { BeforeId = unknown }, Ct));
            Assert.Null(await _lab.Store.ReadAsync(Ann, new ArchiveQuery { Ids = [ids[0], unknown] }, Ct));
            if (unknown.Length == 0) continue;
            Assert.Null(await _lab.Store.ReadAsync(Ann, Page(3, before: unknown), Ct));
            Assert.Null(await _lab.Store.ReadAsync(Ann, Page(3, after: unknown), Ct));
        }

        // Of an archive in which nothing ever was, too.
        Assert.Null(await _lab.Store.ReadAsync("dan@one.test", Page(3, after: ids[0]), Ct));
        Assert.Empty((await _lab.ReadAsync("dan@one.test")).Entries);
    }

    [Fact]
    public async Task The_number_alone_is_counted_and_a_page_is_bounded_whatever_is_asked()
    {
        await FillAsync(5);
        _lab.Options.MaxMessagesPerQuery = 2;

        var count = await _lab.ReadAsync(Ann, new ArchiveQuery { With = Eve, Page = new ResultSetRequest(0) });
        Assert.Equal((0, false, 2), (count.Entries.Count, count.IsComplete, count.Count));
        Assert.Equal(0, (await _lab.ReadAsync(Ben, Page(0))).Count);
        Assert.Equal(2, (await _lab.ReadAsync(Ann)).Entries.Count);
        Assert.Equal(2, (await _lab.ReadAsync(Ann, Page(4000))).Entries.Count);
    }

    [Fact]
    public async Task A_page_ends_before_it_has_too_many_bytes()
    {
        var body = new string('x', 400_000);
        for (var i = 0; i < 4; i++) await AddAsync(Ann, Eve, body);

        var page = await _lab.ReadAsync(Ann);
        Assert.Equal((2, false), (page.Entries.Count, page.IsComplete));
        Assert.Equal((2, true), ((await _lab.ReadAsync(Ann, Page(null, after: page.Entries[1].Id))) is var rest ? rest.Entries.Count : 0, rest.IsComplete));
    }

    [Fact]
    public async Task What_is_sent_again_within_a_day_is_there_already()
    {
        var id = await AddAsync(Ann, Eve, "1", "o1");
        _lab.Time.Advance(TimeSpan.FromHours(23));
        var again = (await _lab.Store.AddAsync([new ArchiveAddition(Ann, "eve@two.test/other", "eve@two.test/other", Message("eve@two.test/other", Ann)) { OriginId = "o1" }], Ct))[0]!;

        Assert.Equal((id, true), (again.Id, again.IsDuplicate));
        Assert.Equal(Noon.AddMinutes(1), again.Time);
        // Another author's, another owner's, and the same after a day are others.
        Assert.NotEqual(id, await AddAsync(Ann, "dan@two.test", "2", "o1"));
        Assert.NotEqual(id, await AddAsync(Ben, Eve, "3", "o1"));
        _lab.Time.Advance(TimeSpan.FromHours(2));
        Assert.NotEqual(id, await AddAsync(Ann, Eve, "4", "o1"));
        Assert.Equal(["1", "2", "4"], await _lab.BodiesAsync(Ann));
    }

    [Fact]
    public async Task Restarted_it_goes_on_where_it_was_even_if_the_clock_was_set_back()
    {
        var id = await AddAsync(Ann, Eve, "1", "o1");
        var again = _lab.Restart();
        again.Time.AdjustTime(Noon.AddDays(-3));

        var next = (await again.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message(Eve, Ann, "<body>2</body>"))], Ct))[0]!;

        Assert.Equal(Noon.AddDays(-3), next.Time);
        var all = await again.ReadAsync(Ann);
        Assert.Equal([id, next.Id], all.Entries.Select(e => e.Id));
        Assert.Equal([Noon.AddMinutes(1), Noon.AddDays(-3)], all.Entries.Select(e => e.Time));
    }

    [Fact]
    public async Task Bounds_and_replacement_and_removal()
    {
        Assert.Null(await _lab.Store.FindBoundsAsync(Room, Ct));
        var first = await AddAsync(Room, $"{Room}/Eve", "1", author: Eve);
        var last = await AddAsync(Room, $"{Room}/Dan", "2", author: "dan@two.test");
        Assert.Equal(new ArchiveBounds(first, Noon.AddMinutes(1), last, Noon.AddMinutes(2)), await _lab.Store.FindBoundsAsync(Room, Ct));

        Assert.True(await _lab.Store.ReplaceAsync(Room, first, Message(Eve, null, "<retracted xmlns='urn:x'/>"), Ct));
        Assert.False(await _lab.Store.ReplaceAsync(Ann, first, Message(Eve, null), Ct));
        Assert.Equal([null, "2"], await _lab.BodiesAsync(Room));
        Assert.Equal((first, Eve), ((await _lab.Store.FindAsync(Room, first, Ct))!.Id, (await _lab.Store.FindAsync(Room, first, Ct))!.Author));

        await _lab.Store.RemoveAsync(Room, Ct);
        Assert.Empty(await _lab.BodiesAsync(Room));
        await AddAsync(Room, Eve, "3");
        Assert.Equal(["3"], await _lab.BodiesAsync(Room));
        Assert.Null(await _lab.Store.FindAsync(Room, first, Ct));
    }

    [Fact]
    public async Task An_account_takes_its_messages_along_and_whoever_gets_its_name_finds_none()
    {
        var accounts = _lab.Tables.Get<Parley.Xmpp.Server.Storage.IAccountAdministration>();
        var former = await AddAsync(Ann, Eve, "1");
        await accounts.RemoveAsync(Ann, Ct);

        Assert.Empty(await _lab.BodiesAsync(Ann));
        // The store has not heard of it yet.
        Assert.Null((await _lab.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message(Eve, Ann))], Ct))[0]);
        await accounts.AddAsync(Ann, "another", Ct);
        await AddAsync(Ann, Eve, "2");
        Assert.Equal(["2"], await _lab.BodiesAsync(Ann));
        Assert.Null(await _lab.Store.FindAsync(Ann, former, Ct));
    }

    [Fact]
    public async Task What_several_add_at_once_is_all_there_in_one_order()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => _lab.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message(Eve, Ann, $"<body>{i}</body>")), new ArchiveAddition(Ben, Eve, Eve, Message(Eve, Ben, $"<body>{i}</body>"))], Ct).AsTask()));

        var (anns, bens) = (await _lab.BodiesAsync(Ann), await _lab.BodiesAsync(Ben));
        Assert.Equal(200, anns.Distinct().Count());
        Assert.Equal(anns, bens);
    }

    [Fact]
    public async Task Of_many_at_once_each_is_told_what_became_of_it()
    {
        var old = (await _lab.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message(Eve, Ann, "<body>old</body>")) { OriginId = "o0" }], Ct))[0]!.Id;
        await _lab.Store.SettleAsync(Ct);
        // A few times as many as go in one statement: of two people and of nobody, every third with an origin, every sixth with one that is there already, before this or in the midst of it.
        var all = Enumerable.Range(0, 200).Select(i => new ArchiveAddition((i % 5) switch { 0 => "nobody@one.test", 1 => Ben, _ => Ann }, Eve, Eve, Message(Eve, Ann, $"<body>{i}</body>")) { OriginId = i % 3 == 0 ? $"o{i / 6}" : null }).ToList();

        var how = await _lab.Store.AddAsync(all, Ct);

        var first = new Dictionary<(string, string), string> { [(Ann.ToString(), "o0")] = old };
        for (var i = 0; i < all.Count; i++)
        {
            Assert.Equal(i % 5 == 0, how[i] is null);
            if (how[i] is not { } written) continue;
            var isFirst = all[i].OriginId is not { } origin || first.TryAdd((all[i].Owner.ToString(), origin), written.Id);
            Assert.Equal(isFirst, !written.IsDuplicate);
            Assert.Equal(isFirst ? $"{i}" : all[i].OriginId == "o0" && all[i].Owner == Ann ? "old" : null, isFirst || all[i].OriginId == "o0" ? (await _lab.Store.FindAsync(all[i].Owner, written.Id, Ct))!.Message.Body : null);
            if (!isFirst) Assert.Equal(first[(all[i].Owner.ToString(), all[i].OriginId!)], written.Id);
        }

        Assert.Equal(how.Count(h => h is { IsDuplicate: false }) + 1, (await _lab.BodiesAsync(Ann)).Count + (await _lab.BodiesAsync(Ben)).Count);
        Assert.Contains(how, h => h is { IsDuplicate: true } && h.Id == old);
        Assert.Contains(how, h => h is { IsDuplicate: true } && h.Id != old);
    }

    [Fact]
    public async Task What_is_moved_to_its_place_is_there_once_and_still_known_when_it_is_sent_again()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Add((await _lab.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message(Eve, Ann, id: $"m{i}")) { OriginId = $"o{i}" }], Ct))[0]!.Id);

        async Task IsAsItWasAsync(ArchiveLab lab)
        {
            Assert.Equal(ids, (await lab.ReadAsync(Ann)).Entries.Select(e => e.Id));
            Assert.Equal(ids[3], (await lab.Store.FindByMessageIdAsync(Ann, Eve, "m3", Eve, 100, Ct))!.Id);
            var again = (await lab.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message(Eve, Ann)) { OriginId = "o2" }], Ct))[0]!;
            Assert.Equal((ids[2], true), (again.Id, again.IsDuplicate));
        }

        await IsAsItWasAsync(_lab);
        await IsAsItWasAsync(_lab.Restart());
        await _lab.Store.SettleAsync(Ct);
        await IsAsItWasAsync(_lab);
        await IsAsItWasAsync(_lab.Restart());
        await _lab.Store.ForgetOriginAsync(Ann, Eve, Eve, "o1", Ct);
        Assert.False((await _lab.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message(Eve, Ann)) { OriginId = "o1" }], Ct))[0]!.IsDuplicate);
        await _lab.Store.ForgetOriginAsync(Ann, Eve, Eve, "o1", Ct);
        Assert.False((await _lab.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message(Eve, Ann)) { OriginId = "o1" }], Ct))[0]!.IsDuplicate);
    }

    [Fact]
    public async Task What_a_version_that_logged_everything_left_in_the_log_is_read_known_and_moved()
    {
        Task<long?> LoggedAsync() => _lab.Database.ReadAsync(c =>
        {
            using var count = new Statement(c, "SELECT COUNT(*) FROM archive_log");
            return count.Number();
        }, Ct).AsTask();

        await AddAsync(Ann, Eve, "first");
        Assert.Equal(Provider == StorageProvider.PostgreSql ? 0 : 1, await LoggedAsync());
        await _lab.Database.WriteAsync(c =>
        {
            using var add = new Statement(c,
                """
                INSERT INTO archive_log (seq, owner, id, peer, resource, author, message, time, origin, stanza)
                SELECT 7, id, @number, @peer, 'a', NULL, NULL, @time, @origin, @stanza FROM archive_owners WHERE address = 'ann@one.test'
                """,
                ("@number", DbType.Int64), ("@peer", DbType.Int64), ("@time", DbType.Int64), ("@origin", DbType.Binary), ("@stanza", DbType.Binary));
            var time = _lab.Time.GetUtcNow().ToUnixTimeMilliseconds() + 1;
            return add.Execute(EntryNumber.First(time), Fingerprints.OfPeer(Eve), time, Fingerprints.OfOrigin(Eve, Eve, "o1"), StoredMessage.Write(Message("eve@two.test/a", Ann, "<body>logged</body>")));
        }, Ct);

        var lab = _lab.Restart();
        Assert.Equal(["first", "logged"], await lab.BodiesAsync(Ann));
        async Task IsKnownAsync() => Assert.True((await lab.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message(Eve, Ann)) { OriginId = "o1" }], Ct))[0]!.IsDuplicate);
        await IsKnownAsync();
        await lab.Store.SettleAsync(Ct);
        Assert.Equal(0, await LoggedAsync());
        await IsKnownAsync();
        await lab.Store.AddAsync([new ArchiveAddition(Ann, Eve, Eve, Message(Eve, Ann, "<body>last</body>"))], Ct);
        Assert.Equal(["first", "logged", "last"], await lab.BodiesAsync(Ann));
    }

    [Fact]
    public async Task A_write_that_was_undone_is_not_taken_for_one_that_was_done()
    {
        await AddAsync(Ann, Eve, "first");
        ArchiveWriter? writer = null;
        var entry = new NewEntry(Ann, true, Fingerprints.OfPeer(Eve), null, null, null, Noon.ToUnixTimeMilliseconds(), StoredMessage.Write(Message(Eve, Ann)), Fingerprints.OfOrigin(Eve, Eve, "o1"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _lab.Database.WriteAsync<int>(c =>
        {
            writer = new ArchiveWriter(c);
            Assert.False(writer.Add([entry])[0]!.Value.IsDuplicate);
            Assert.True(writer.Add([entry])[0]!.Value.IsDuplicate);
            throw new InvalidOperationException("undone");
        }, Ct));

        var again = await _lab.Database.WriteAsync(_ => writer!.Add([entry]), Ct);
        Assert.False(again[0]!.Value.IsDuplicate);
        Assert.Equal(2, (await _lab.BodiesAsync(Ann)).Count);
        writer!.Dispose();
    }
}
