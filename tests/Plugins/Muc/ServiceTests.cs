using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Muc;

/// <summary>The component around the rooms: who may make some, what outlives them, what is archived before it is said, and who holds up nobody.</summary>
public sealed class ServiceTests
{
    private static readonly string Persistent = MucLab.Field("persistentroom", "1");

    [Fact]
    public async Task A_persistent_room_is_there_again_after_a_restart_as_it_was()
    {
        await using var tables = new TestTables("Muc", Parley.Plugins.Muc.Storage.RoomSchema.Steps);
        await using (var before = await new MucLab(tables: tables).LoadAsync())
        {
            await before.EnterAsync("ann");
            await before.ConfigureAsync("ann", Persistent + MucLab.Field("roomname", "Tea") + MucLab.Field("whois", "anyone"));
            await before.SendAsync("<iq type='set' id='ban' from='ann@one.test/a' to='tea@rooms.one.test'><query xmlns='http://jabber.org/protocol/muc#admin'><item jid='ben@one.test' affiliation='outcast'><reason>rude</reason></item><item jid='cem@one.test' affiliation='member' nick='cemal'/></query></iq>");
            await before.SendAsync("<message type='groupchat' from='ann@one.test/a' to='tea@rooms.one.test'><subject>Which?</subject></message>");
            await before.SendAsync("<iq type='set' id='picture' from='ann@one.test/a' to='tea@rooms.one.test'><vCard xmlns='vcard-temp'><PHOTO><BINVAL>aGVsbG8=</BINVAL></PHOTO></vCard></iq>");
            await before.HearsAsync("ann", s => s.Id == "picture" && s.Type == "result");
            var shown = await before.HearsAsync("ann", s => s is Presence && s.From!.Resource == "ann");
            Assert.Equal(40, shown.Element.Child("occupant-id", "urn:xmpp:occupant-id:0")!["id"]!.Length);
        }

        await using var after = await new MucLab(tables: tables).LoadAsync();
        Assert.Equal([((Jid)"tea@rooms.one.test", "Tea")], after.Rooms.List("rooms.one.test").Select(r => (r.Address, r.Summary.Name)));
        await after.EnterAsync("ben");
        await after.IsRefusedAsync("ben", "forbidden");
        await after.EnterAsync("dan");
        Assert.Equal("Which?", (await after.HearsAsync("dan", s => s.Element.Child("subject") is not null)).Element.Child("subject")!.Value);
        var self = await after.HearsAsync("dan", s => s is Presence && s.From!.Resource == "dan");
        Assert.Contains("code='100'", self.Element.ToString(), StringComparison.Ordinal);
        await after.HearsAsync("dan", s => s.Element.ToString().Contains("aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d", StringComparison.Ordinal));
        await after.SendAsync("<presence from='eve@one.test/a' to='tea@rooms.one.test/cemal'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await after.IsRefusedAsync("eve", "conflict");
    }

    [Fact]
    public async Task A_room_that_does_not_stay_ends_with_its_last_occupant_and_with_it_what_was_said()
    {
        await using var lab = await new MucLab(archive: new FakeArchive()).LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann");
        await lab.SayAsync("ann", "secret");
        await lab.HearsAsync("ann", "secret");
        Assert.Equal((1, 1, 1), lab.Rooms.Count());
        await lab.LeaveAsync("ann");

        await MucLab.UntilAsync(() => lab.Rooms.Count().Rooms == 0);
        Assert.Empty(lab.Archive!.Entries);
        // The next is somebody else's.
        await lab.EnterAsync("ben");
        Assert.Contains("201", (await lab.HearsAsync("ben", s => s is Presence)).Element.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_room_that_becomes_temporary_or_is_destroyed_is_kept_no_longer()
    {
        await using var lab = await new MucLab().LoadAsync();
        foreach (var (room, end) in new[] { ("tea", "<x xmlns='jabber:x:data' type='submit'>" + MucLab.Field("persistentroom", "0") + "</x>"), ("pot", "<destroy/>") })
        {
            await lab.EnterAsync("ann", room);
            await lab.ConfigureAsync("ann", Persistent, room);
            await lab.SendAsync($"<iq type='set' id='end-{room}' from='ann@one.test/a' to='{room}@rooms.one.test'><query xmlns='http://jabber.org/protocol/muc#owner'>{end}</query></iq>");
            await lab.HearsAsync("ann", s => s.Id == $"end-{room}" && s.Type == "result");
        }

        Assert.Empty(await new Parley.Plugins.Muc.Storage.RoomStore(lab.Tables.Database).ListAsync(TestContext.Current.CancellationToken));
        await MucLab.UntilAsync(() => lab.Rooms.Count().Rooms == 1);
    }

    [Fact]
    public async Task What_is_said_is_archived_before_anybody_hears_it()
    {
        await using var lab = await new MucLab(archive: new FakeArchive()).LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann", MucLab.Field("whois", "anyone"));
        await lab.HearsAsync("ann", s => s.Id == "config");
        lab.Archive!.Waits = new TaskCompletionSource();
        await lab.SayAsync("ann", "first");
        await lab.SayAsync("ann", "second");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(lab.Router.Sent, s => s is Message { Body: not null });

        lab.Archive.Waits.SetResult();

        var said = await lab.HearsAsync("ann", "second");
        Assert.Equal("a2", said.Element.Child("stanza-id", "urn:xmpp:sid:0")!["id"]);
        Assert.Null(said.Element.Child("x", "http://jabber.org/protocol/muc#user"));
        Assert.Equal("ann@one.test/a", lab.Archive.Entries[1].Message.Element.Child("x", "http://jabber.org/protocol/muc#user")!.Child("item")!["jid"]);
        Assert.Equal("ann@one.test", lab.Archive.Entries[1].Author.ToString());
    }

    [Fact]
    public async Task What_cannot_be_archived_nobody_hears_but_whoever_said_it()
    {
        await using var lab = await new MucLab(archive: new FakeArchive { IsBroken = true }).LoadAsync();
        await lab.EnterAsync("ann");
        await lab.SayAsync("ann", "lost");

        Assert.Equal("wait", (await lab.IsRefusedAsync("ann", "internal-server-error")).Element.Child("error")!["type"]);
        Assert.DoesNotContain(lab.Router.Sent, s => s is Message { Body: "lost" });
    }

    [Fact]
    public async Task A_message_sent_again_is_stored_once_and_told_to_its_sender_alone()
    {
        await using var lab = await new MucLab(archive: new FakeArchive()).LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann");
        await lab.EnterAsync("ben");
        const string Origin = "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>";
        await lab.SayAsync("ann", "once", Origin);
        await lab.SayAsync("ann", "once", Origin);
        await lab.SayAsync("ann", "after");
        await lab.HearsAsync("ben", "after");

        Assert.Equal(2, lab.Router.Sent.Count(s => s is Message { Body: "once" } && s.To!.Local == "ann"));
        Assert.Equal(1, lab.Router.Sent.Count(s => s is Message { Body: "once" } && s.To!.Local == "ben"));
        Assert.Equal(2, lab.Archive!.Entries.Count);
    }

    [Fact]
    public async Task After_a_restart_history_comes_from_the_archive()
    {
        await using var tables = new TestTables("Muc", Parley.Plugins.Muc.Storage.RoomSchema.Steps);
        var archive = new FakeArchive();
        await using (var before = await new MucLab(archive: archive, tables: tables).LoadAsync())
        {
            await before.EnterAsync("ann");
            await before.ConfigureAsync("ann", Persistent);
            await before.SayAsync("ann", "yesterday");
            await before.HearsAsync("ann", "yesterday");
        }

        await using var after = await new MucLab(archive: archive, tables: tables).LoadAsync();
        await after.EnterAsync("ben");

        var late = await after.HearsAsync("ben", "yesterday");
        Assert.Equal("tea@rooms.one.test", late.Element.Child("delay", "urn:xmpp:delay")!["from"]);
        Assert.Equal("a1", late.Element.Child("stanza-id", "urn:xmpp:sid:0")!["id"]);
        Assert.NotNull(late.Element.Child("occupant-id", "urn:xmpp:occupant-id:0"));
    }

    [Fact]
    public async Task The_archive_is_read_by_those_who_may_enter_and_what_a_moderator_took_back_left_a_tombstone()
    {
        await using var lab = await new MucLab(archive: new FakeArchive()).LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann", MucLab.Field("whois", "anyone"));
        await lab.SayAsync("ann", "bad");
        await lab.HearsAsync("ann", "bad");
        await lab.SendAsync("<iq type='set' id='mod' from='ann@one.test/a' to='tea@rooms.one.test'><moderate xmlns='urn:xmpp:message-moderate:1' id='a1'><retract xmlns='urn:xmpp:message-retract:1'/></moderate></iq>");
        await lab.HearsAsync("ann", s => s.Id == "mod" && s.Type == "result");
        const string Query = "<iq type='set' id='mam' from='ben@one.test/a' to='tea@rooms.one.test'><query xmlns='urn:xmpp:mam:2'/></iq>";
        await lab.SendAsync(Query);

        await lab.HearsAsync("ben", s => s.Id == "mam" && s.Type == "result");
        var results = lab.Router.Sent.Where(s => s.To == "ben@one.test/a" && s is Message).Select(s => s.Element.ToString()).ToList();
        Assert.Equal(2, results.Count);
        Assert.Contains("<retracted ", results[0], StringComparison.Ordinal);
        Assert.DoesNotContain("<body>bad", results[0], StringComparison.Ordinal);
        await lab.ConfigureAsync("ann", MucLab.Field("membersonly", "1"));
        await lab.SendAsync(Query.Replace("ben", "dan", StringComparison.Ordinal));
        await lab.IsRefusedAsync("dan", "forbidden");
    }

    [Fact]
    public async Task Real_addresses_in_the_archive_are_for_those_who_see_them_in_the_room()
    {
        await using var lab = await new MucLab(archive: new FakeArchive()).LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann", MucLab.Field("whois", "anyone"));
        await lab.SayAsync("ann", "hello");
        await lab.HearsAsync("ann", "hello");
        await lab.ConfigureAsync("ann", MucLab.Field("whois", "moderators"));
        await lab.SendAsync("<iq type='set' id='mam' from='ben@one.test/a' to='tea@rooms.one.test'><query xmlns='urn:xmpp:mam:2'/></iq>");

        var result = await lab.HearsAsync("ben", s => s is Message);
        Assert.Contains("<body>hello", result.Element.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ann@one.test", result.Element.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CreateBy.Accounts, SenderKind.Account, null)]
    [InlineData(CreateBy.Accounts, SenderKind.Remote, "not-allowed")]
    [InlineData(CreateBy.Accounts, SenderKind.Guest, "forbidden")]
    [InlineData(CreateBy.Admins, SenderKind.Account, "not-allowed")]
    [InlineData(CreateBy.Anyone, SenderKind.Remote, null)]
    public async Task The_operator_says_who_makes_rooms(CreateBy by, SenderKind who, string? condition)
    {
        await using var lab = await new MucLab(new MucOptions { CreateBy = by, Admins = { "root@one.test" } }).LoadAsync();

        await lab.EnterAsync("ben", kind: who);

        if (condition is not null) await lab.IsRefusedAsync("ben", condition);
        else await lab.HearsAsync("ben", s => s is Presence { IsAvailable: true });
        await lab.EnterAsync("root", "pot");
        await lab.HearsAsync("root", s => s is Presence { IsAvailable: true });
    }

    [Fact]
    public async Task Guests_enter_rooms_that_there_are_where_the_operator_lets_them()
    {
        await using var lab = await new MucLab(new MucOptions { Guests = true }).LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann");

        await lab.EnterAsync("x@guest.one.test/1", kind: SenderKind.Guest);
        await lab.HearsAsync("x@guest.one.test/1", s => s is Presence { IsAvailable: true });
        await lab.EnterAsync("x@guest.one.test/1", "other", SenderKind.Guest);
        await lab.IsRefusedAsync("x@guest.one.test/1", "not-allowed");
    }

    [Fact]
    public async Task Rooms_and_entering_them_are_bounded()
    {
        await using var lab = await new MucLab(new MucOptions { MaxRooms = 3, RoomsPerAccount = 2, JoinsPerMinutePerAccount = 3 }).LoadAsync();
        await lab.EnterAsync("ann", "r1");
        await lab.EnterAsync("ann", "r2");
        await lab.EnterAsync("ann", "r3");
        await lab.IsRefusedAsync("ann", "resource-constraint");
        await lab.EnterAsync("ben", "r3");
        await lab.EnterAsync("cem", "r4");
        await lab.IsRefusedAsync("cem", "resource-constraint");
        for (var i = 0; i < 3; i++) await lab.EnterAsync("ben", "r3");

        Assert.Equal("wait", (await lab.IsRefusedAsync("ben", "resource-constraint")).Element.Child("error")!["type"]);
    }

    [Fact]
    public async Task One_who_does_not_read_holds_up_nobody_and_is_put_out_in_the_end()
    {
        await using var lab = await new MucLab().LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann");
        await lab.EnterAsync("ben");
        await lab.HearsAsync("ben", s => s.Element.Child("subject") is not null);
        lab.Router.Held = "ben@one.test/a";
        for (var i = 0; i < 505; i++) await lab.SayAsync("ann", $"m{i}");

        await lab.HearsAsync("ann", "m504");
        await lab.HearsAsync("ann", s => s is Presence { Type: "unavailable" } && s.From!.Resource == "ben");
        lab.Router.Release.SetResult();
        await lab.HearsAsync("ben", "m499");
    }

    [Fact]
    public async Task The_service_lists_its_public_rooms_page_by_page()
    {
        await using var lab = await new MucLab().LoadAsync();
        foreach (var room in new[] { "a", "b", "c", "hidden" })
        {
            await lab.EnterAsync("ann", room);
            await lab.ConfigureAsync("ann", MucLab.Field("publicroom", room == "hidden" ? "0" : "1"), room);
        }

        await MucLab.UntilAsync(() => lab.Router.Sent.Count(s => s.Id == "config") == 4);
        Assert.Equal(["a", "b", "c"], Names(await ItemsAsync("")));
        var page = await ItemsAsync("<set xmlns='http://jabber.org/protocol/rsm'><max>2</max></set>");
        Assert.Equal(["a", "b"], Names(page));
        Assert.Equal("3", page.Child("set", "http://jabber.org/protocol/rsm")!.Child("count")!.Value);
        Assert.Equal(["c"], Names(await ItemsAsync("<set xmlns='http://jabber.org/protocol/rsm'><max>2</max><after>b@rooms.one.test</after></set>")));
        Assert.Equal(["b", "c"], Names(await ItemsAsync("<set xmlns='http://jabber.org/protocol/rsm'><max>2</max><before/></set>")));

        async Task<Element> ItemsAsync(string set)
        {
            var iq = (Iq)RoomLab.Parse($"<iq type='get' id='1' from='ben@one.test/a' to='rooms.one.test'><query xmlns='http://jabber.org/protocol/disco#items'>{set}</query></iq>");
            return (await lab.Items.HandleAsync(new IqRequest(iq, new SenderInfo(SenderKind.Account), "one.test"), TestContext.Current.CancellationToken)).Iq!.Payload!;
        }

        static IEnumerable<string> Names(Element query) => query.ChildrenNamed("item", query.Namespace).Select(i => i["jid"]!.Split('@')[0]);
    }

    [Theory]
    [InlineData("<message type='groupchat' from='ann@one.test/a' to='no@rooms.one.test'><body>x</body></message>", "item-not-found")]
    [InlineData("<iq type='get' id='1' from='ann@one.test/a' to='no@rooms.one.test'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>", "item-not-found")]
    [InlineData("<iq type='get' id='1' from='ann@one.test/a' to='no@rooms.one.test/ann'><ping xmlns='urn:xmpp:ping'/></iq>", "not-acceptable")]
    [InlineData("<iq type='get' id='1' from='ann@one.test/a' to='rooms.one.test'><query xmlns='urn:what'/></iq>", "service-unavailable")]
    public async Task What_is_not_there_is_answered_so(string xml, string condition)
    {
        await using var lab = await new MucLab().LoadAsync();
        await lab.SendAsync(xml);
        await lab.IsRefusedAsync("ann", condition);
        Assert.Equal(0, lab.Rooms.Count().Rooms);
    }

    [Fact]
    public async Task An_account_that_is_removed_is_nobody_in_rooms_any_more()
    {
        await using var lab = await new MucLab().LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann", Persistent);
        await lab.SendAsync("<iq type='set' id='m' from='ann@one.test/a' to='tea@rooms.one.test'><query xmlns='http://jabber.org/protocol/muc#admin'><item jid='ben@one.test' affiliation='owner'/></query></iq>");
        await lab.HearsAsync("ann", s => s.Id == "m");

        lab.Removed.Removed("ben@one.test");

        var store = new Parley.Plugins.Muc.Storage.RoomStore(lab.Tables.Database);
        for (var i = 0; i < 100; i++)
        {
            if ((await store.FindAsync("tea@rooms.one.test", TestContext.Current.CancellationToken))!.Affiliations.Count == 1) break;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal("ann@one.test", Assert.Single((await store.FindAsync("tea@rooms.one.test", TestContext.Current.CancellationToken))!.Affiliations).Key.ToString());
        await lab.EnterAsync("ben");
        Assert.Contains("'none'", (await lab.HearsAsync("ben", s => s is Presence && s.From!.Resource == "ben")).Element.ToString(), StringComparison.Ordinal);
    }
}
