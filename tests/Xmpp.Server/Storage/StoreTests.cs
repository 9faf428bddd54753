using Parley.Plugin.Abstractions;
using Parley.tests.Xmpp.Server.Routing;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>What the stores keep comes back as it was.</summary>
public abstract class StoreTests(StorageProvider provider)
{
    private static readonly Jid Ann = "ann@one.test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Writes something to every store; whether the offline store took it.</summary>
    internal static async Task<bool> FillAsync(TestStorage storage, Jid account)
    {
        await storage.Get<IRosterStore>().WriteAsync(account, new RosterItem("ben@two.test", "Ben", ["A"], true, false, false, null), Ct);
        await storage.Get<IPrivateStore>().WriteAsync(account, "d", new Element("d", "urn:d"), Ct);
        return await storage.Get<IOfflineStore>().AddAsync(account, Say("hi"), DateTimeOffset.UnixEpoch, Ct);
    }

    [Fact]
    public async Task Roster_items_keep_everything()
    {
        await using var storage = new TestStorage(provider);
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "x", Ct);
        await storage.Get<IAccountAdministration>().AddAsync("ann@two.test", "x", Ct);
        var rosters = storage.Get<IRosterStore>();
        var request = TestXml.Read("<presence type='subscribe' from='c@x.test'><status>let &lt;me&gt; in</status><nick xmlns='http://jabber.org/protocol/nick'>C</nick></presence>");
        RosterItem[] items =
        [
            new("b@x.test", "Bé", ["One", "Two, \"quoted\""], true, false, true, null),
            new("c@x.test", null, [], false, false, false, request),
            new("d@x.test", "", [], false, true, false, null, PreApproved: true),
        ];
        foreach (var item in items) await rosters.WriteAsync(Ann, item, Ct);
        var read = await rosters.ReadAsync(Ann, Ct);
        Assert.Equal(items.Select(Text), read.Select(Text));
        await rosters.WriteAsync(Ann, items[0] with { Name = "B" }, Ct);
        Assert.Equal("B", (await rosters.FindAsync(Ann, "b@x.test", Ct))!.Name);
        Assert.True(await rosters.RemoveAsync(Ann, "b@x.test", Ct));
        Assert.False(await rosters.RemoveAsync(Ann, "b@x.test", Ct));
        Assert.Null(await rosters.FindAsync(Ann, "b@x.test", Ct));
        Assert.Empty(await rosters.ReadAsync("ann@two.test", Ct));

        static string Text(RosterItem i) => $"{i.Contact} {i.Name ?? "-"} {string.Join('|', i.Groups)} {i.SubscribedTo} {i.SubscribedFrom} {i.PendingOut} {i.PendingIn} {i.PreApproved}";
    }

    [Fact]
    public async Task Offline_messages_keep_order_time_and_owner()
    {
        await using var storage = new TestStorage(provider);
        foreach (var account in new[] { Ann, "ann@two.test" }) await storage.Get<IAccountAdministration>().AddAsync(account, "x", Ct);
        var offline = storage.Get<IOfflineStore>();
        var start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        for (var i = 0; i < 5; i++) Assert.True(await offline.AddAsync(Ann, Say($"{i}"), start.AddSeconds(i), Ct));
        Assert.Empty(await offline.ReadAsync("ann@two.test", 10, ct: Ct));
        var first = await offline.ReadAsync(Ann, 3, ct: Ct);
        Assert.Equal(["0", "1", "2"], first.Select(f => f.Message.Body));
        Assert.Equal(start.AddSeconds(2), first[2].Received);
        await offline.RemoveAsync("ann@two.test", [first[0].Id], Ct); // not its own
        await offline.RemoveAsync(Ann, [first[0].Id, first[1].Id], Ct);
        Assert.Equal(["2", "3", "4"], (await offline.ReadAsync(Ann, 10, ct: Ct)).Select(f => f.Message.Body));
    }

    [Fact]
    public async Task An_account_keeps_so_many_messages_and_bytes_and_no_more()
    {
        await using var storage = new TestStorage(provider);
        foreach (var account in new[] { Ann, "ann@two.test" }) await storage.Get<IAccountAdministration>().AddAsync(account, "x", Ct);
        var offline = storage.Get<IOfflineStore>();
        var taken = await Task.WhenAll(Enumerable.Range(0, OfflineStore.MaxPerAccount + 10).Select(i => offline.AddAsync(Ann, Say("x"), DateTimeOffset.UnixEpoch, Ct).AsTask()));
        Assert.Equal(OfflineStore.MaxPerAccount, taken.Count(t => t));
        var large = new string('x', OfflineStore.MaxBytesPerAccount / 2);
        Assert.True(await offline.AddAsync("ann@two.test", Say(large), DateTimeOffset.UnixEpoch, Ct));
        Assert.False(await offline.AddAsync("ann@two.test", Say(large), DateTimeOffset.UnixEpoch, Ct));
        Assert.True(await offline.AddAsync("ann@two.test", Say("small"), DateTimeOffset.UnixEpoch, Ct));
    }

    [Fact]
    public async Task Unacknowledged_messages_come_back_in_order_and_go_with_their_account()
    {
        await using var storage = new TestStorage(provider);
        foreach (var account in new[] { Ann, "ann@two.test" }) await storage.Get<IAccountAdministration>().AddAsync(account, "x", Ct);
        var store = storage.Get<IUnacknowledgedStore>();
        Assert.Equal(0, await store.FindLastAsync(Ct));
        var start = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        UnacknowledgedMessage[] all = [.. Enumerable.Range(1, 70).Select(i => new UnacknowledgedMessage(i, i == 69 ? "nobody@one.test" : i == 70 ? "ann@two.test" : Ann, Say($"{i}"), start.AddSeconds(i)))];
        await store.ChangeAsync(all, [], Ct);
        await store.ChangeAsync([all[0] with { Message = Say("other") }], [], Ct); // there already
        Assert.Equal(70, await store.FindLastAsync(Ct));
        var read = await store.ReadAsync(0, 100, Ct);
        Assert.Equal(all.Where(a => a.Id != 69).Select(Text), read.Select(Text));
        Assert.Equal([4, 5], (await store.ReadAsync(3, 2, Ct)).Select(r => r.Id));
        await store.ChangeAsync([all[0] with { Id = 71 }], [.. Enumerable.Range(1, 67)], Ct);
        Assert.Equal([68, 70, 71], (await store.ReadAsync(0, 100, Ct)).Select(r => r.Id));
        await storage.Get<IAccountAdministration>().RemoveAsync(Ann, Ct);
        Assert.Equal([70], (await store.ReadAsync(0, 100, Ct)).Select(r => r.Id));

        static string Text(UnacknowledgedMessage m) => $"{m.Id} {m.Account} {m.Received:O} {m.Message.Body}";
    }

    [Fact]
    public async Task What_the_offline_store_takes_over_leaves_the_queue_by_the_same_commit_and_only_then()
    {
        await using var storage = new TestStorage(provider);
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "x", Ct);
        var (store, kept, offline) = (storage.Get<IUnacknowledgedStore>(), storage.Get<KeptMessages>(), storage.Get<IOfflineStore>());
        UnacknowledgedMessage[] rows = [new(1, Ann, Say("1"), DateTimeOffset.UnixEpoch), new(2, Ann, Say(new string('x', OfflineStore.MaxBytesPerAccount)), DateTimeOffset.UnixEpoch)];
        await store.ChangeAsync(rows, [], Ct);
        foreach (var row in rows) kept.Found(row);
        Assert.True(await offline.AddAsync(Ann, rows[0].Message, rows[0].Received, Ct));
        Assert.False(await offline.AddAsync(Ann, rows[1].Message, rows[1].Received, Ct)); // there is no room
        Assert.Equal([2], (await store.ReadAsync(0, 10, Ct)).Select(r => r.Id));
        Assert.Equal(["1"], (await offline.ReadAsync(Ann, 10, ct: Ct)).Select(r => r.Message.Body));
        Assert.Null(kept.Find(rows[0].Message));
        Assert.NotNull(kept.Find(rows[1].Message));
    }

    [Fact]
    public async Task Documents_are_replaced_and_removed()
    {
        await using var storage = new TestStorage(provider);
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "x", Ct);
        var documents = storage.Get<IPrivateStore>();
        await documents.WriteAsync(Ann, "a", new Element("a", "urn:a").Text("1"), Ct);
        await documents.WriteAsync(Ann, "a", new Element("a", "urn:a").Text("2"), Ct);
        Assert.Equal("2", (await documents.ReadAsync(Ann, "a", Ct))!.Value);
        Assert.Null(await documents.ReadAsync(Ann, "b", Ct));
        await documents.WriteAsync(Ann, "a", null, Ct);
        Assert.Null(await documents.ReadAsync(Ann, "a", Ct));
    }

    [Fact]
    public void Xml_comes_back_as_it_was()
    {
        var element = new Element("message", "jabber:client").Attr("id", "a'b<\"&\t\n").Attr("lang", "de", "http://www.w3.org/XML/1998/namespace").Attr("x", "1", "urn:other")
            .Add(new Element("body", "jabber:client").Text("  <&> \r\n zwei  \U0001F600"))
            .Add(new Element("body", "").Text("none"))
            .Add(new Element("x", "urn:x").Text("one").Add(new Element("y", "jabber:client")).Text(" two "));
        var back = StoredXml.Read(StoredXml.Write(element));
        Assert.Equal(element.ToString(), back.ToString());
        Assert.Equal("a'b<\"&\t\n", back["id"]);
        Assert.Equal("  <&> \r\n zwei  \U0001F600", back.Child("body")!.Value);
        Assert.Equal(("de", "1"), (back.Attribute("lang", "http://www.w3.org/XML/1998/namespace"), back.Attribute("x", "urn:other")));
    }

    private static Message Say(string body) => new(new Element("message", "jabber:client").Attr("from", "b@x.test/r").Attr("to", "ann@one.test").Add("body", b => b.Text(body)));
}

/// <summary>On SQLite.</summary>
public sealed class SqliteStoreTests() : StoreTests(StorageProvider.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlStoreTests() : StoreTests(StorageProvider.PostgreSql);
