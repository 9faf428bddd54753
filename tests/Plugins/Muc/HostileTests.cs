using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.Muc;

/// <summary>What somebody tries who means no good, and what a room keeps through a fault of its own.</summary>
public sealed class HostileTests
{
    private const string Register = "<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field><field var='muc#register_roomnick'><value>{0}</value></field></x></query>";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_room_that_cannot_be_read_stays_whose_it_is_and_keeps_what_was_said()
    {
        var archive = new FakeArchive();
        await using var tables = new TestTables("Muc", Parley.Plugins.Muc.Storage.RoomSchema.Steps);
        await using (var before = await new MucLab(archive: archive, tables: tables).LoadAsync())
        {
            await before.EnterAsync("ann");
            await before.ConfigureAsync("ann", MucLab.Field("persistentroom", "1"));
            await before.SayAsync("ann", "keep this");
            await before.HearsAsync("ann", "keep this");
        }

        var config = await tables.Database.ReadAsync(c => c.ExecuteScalar<string>("SELECT config FROM muc_rooms"), Ct);
        await using var lab = await new MucLab(archive: archive, tables: tables).LoadAsync();
        await tables.Database.WriteAsync(c => c.Execute("UPDATE muc_rooms SET config = 'broken'"), Ct);
        await lab.EnterAsync("eve");
        await lab.IsRefusedAsync("eve", "internal-server-error");
        await tables.Database.WriteAsync(c => c.Execute("UPDATE muc_rooms SET config = @config", new { config }), Ct);

        await lab.EnterAsync("ben");

        var self = await lab.HearsAsync("ben", s => s is Presence { IsError: false } && s.From!.Resource == "ben");
        Assert.DoesNotContain("owner", self.Element.ToString(), StringComparison.Ordinal);
        Assert.Single(archive.Entries);
    }

    [Theory]
    [InlineData("config = 'broken'")]
    [InlineData("config = 'null'")]
    [InlineData("creator = '@'")]
    public async Task A_room_that_cannot_be_read_at_the_start_stays_stored_and_closed_and_the_others_are_there(string fault)
    {
        await using var tables = new TestTables("Muc", Parley.Plugins.Muc.Storage.RoomSchema.Steps);
        await using (var before = await new MucLab(tables: tables).LoadAsync())
        {
            foreach (var room in (string[])["tea", "pot"])
            {
                await before.EnterAsync("ann", room);
                await before.ConfigureAsync("ann", MucLab.Field("persistentroom", "1"), room);
            }

            await MucLab.UntilAsync(() => before.Router.Sent.Count(s => s is Iq { Id: "config", Type: "result" }) == 2);
        }

        await tables.Database.WriteAsync(c => c.Execute($"UPDATE muc_rooms SET {fault} WHERE room LIKE 'tea@%'"), Ct);
        await tables.Database.WriteAsync(c => c.Execute("INSERT INTO muc_rooms (room, creator, secret, config, subject) SELECT '@@', creator, secret, config, subject FROM muc_rooms WHERE room LIKE 'pot@%'"), Ct);

        await using var lab = await new MucLab(tables: tables).LoadAsync();

        await lab.EnterAsync("eve");
        await lab.IsRefusedAsync("eve", "internal-server-error");
        await lab.EnterAsync("ben", "pot");
        await lab.HearsAsync("ben", s => s is Presence { IsError: false } && s.From!.Resource == "ben");
        Assert.Equal(3, await tables.Database.ReadAsync(c => c.ExecuteScalar<int>("SELECT COUNT(*) FROM muc_rooms"), Ct));
        Assert.Equal(1, await tables.Database.ReadAsync(c => c.ExecuteScalar<int>($"SELECT COUNT(*) FROM muc_rooms WHERE {fault}"), Ct));
    }

    [Theory]
    [InlineData("moderatedroom=1")]
    [InlineData("membersonly=1")]
    [InlineData("passwordprotectedroom=1", "roomsecret=open")]
    public void To_register_makes_no_member_where_not_everybody_has_a_members_rights(params string[] config)
    {
        var lab = new RoomLab(hasArchive: true).Enter("ann").Quiet();
        lab.Configure("ann", config).Quiet();

        lab.Ask("eve", Register.Replace("{0}", "eve", StringComparison.Ordinal)).Quiet();

        Assert.Equal(Affiliation.None, lab.Room.FindAffiliation("eve@one.test")?.Affiliation ?? Affiliation.None);
    }

    [Fact]
    public void Registrations_leave_room_for_an_owners_bans()
    {
        var lab = new RoomLab(new RoomRules { MaxAffiliations = 10 }).Enter("ann").Quiet();
        for (var i = 0; i < 20; i++) lab.Ask($"stranger{i}", Register.Replace("{0}", $"n{i}", StringComparison.Ordinal)).Quiet();

        lab.Admin("ann", "<item jid='eve@one.test' affiliation='outcast'/>");

        Assert.Equal(["iq result"], lab.Hear("ann"));
    }

    [Fact]
    public void A_list_of_bans_names_everybody_and_leaves_out_the_reasons_of_which_there_are_too_many()
    {
        var lab = new RoomLab().Enter("ann").Quiet();
        for (var i = 0; i < 400; i += 50) lab.Admin("ann", [.. Enumerable.Range(i, 50).Select(n => $"<item jid='eve{n}@one.test' affiliation='outcast'><reason>{new string('x', 4_000)}</reason></item>")]);
        Assert.All(lab.Hear("ann"), h => Assert.Equal("iq result", h));

        lab.Ask("ann", "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast'/></query>", "get");

        var list = RoomLab.Only(lab.Take("ann")).Child("query", "http://jabber.org/protocol/muc#admin")!;
        Assert.Equal(400, list.Children.Select(c => c["jid"]).Distinct().Count());
        Assert.InRange(list.ToUtf8().Length, 200_000, 400_000);
    }

    [Fact]
    public async Task A_guest_who_may_not_enter_does_not_read_the_archive_either()
    {
        await using var lab = await new MucLab(archive: new FakeArchive()).LoadAsync();
        await lab.EnterAsync("ann");
        await lab.ConfigureAsync("ann");
        await lab.SayAsync("ann", "among us");

        await lab.SendAsync("<iq type='set' id='q' from='g@guest.one.test/x' to='tea@rooms.one.test'><query xmlns='urn:xmpp:mam:2'/></iq>", SenderKind.Guest);

        await lab.IsRefusedAsync("g@guest.one.test/x", "forbidden");
        Assert.DoesNotContain(lab.Router.Sent, s => s.To == "g@guest.one.test/x" && s is Message);
    }

    [Fact]
    public void History_is_bounded_by_its_length_too()
    {
        var history = new History();
        for (var i = 0; i < 40; i++) history.Add(new HistoryEntry($"{i}", DateTimeOffset.UnixEpoch, null, new Message(RoomLab.Parse($"<message><body>{new string('x', 60_000)}</body></message>").Element)), most: 100);

        Assert.InRange(history.Entries.Sum(e => e.Length), 900_000, History.MostLength);
        Assert.Equal("39", history.Entries[^1].Id);
    }

    [Fact]
    public void One_account_cannot_take_all_requests_that_a_room_passes_on()
    {
        var lab = new RoomLab(new RoomRules { MaxRelayedRequests = 8 }).Enter("ann").Enter("ben").Enter("eve").Quiet();
        for (var i = 0; i < 10; i++) lab.Ask("eve", "<query xmlns='jabber:iq:version'/>", "get", "ann");
        Assert.Equal(8, lab.Hear("eve").Count(w => w.EndsWith("resource-constraint", StringComparison.Ordinal)));

        Assert.Empty(lab.Ask("ben", "<query xmlns='jabber:iq:version'/>", "get", "ann").Hear("ben"));
    }

    [Fact]
    public void Two_clients_that_spell_a_nickname_otherwise_do_not_rename_each_other()
    {
        var lab = new RoomLab().Enter("ann").Enter("ben/a", "ben").Quiet();
        lab.Enter("ben/b", "Ben");
        Assert.Contains(lab.Hear("ben/b"), w => w.Contains("110", StringComparison.Ordinal) && w.Contains("210", StringComparison.Ordinal));
        lab.Quiet().Send("ben/b", "Ben", "<presence><show>away</show></presence>");

        Assert.DoesNotContain(lab.Hear("ann"), w => w.Contains("303", StringComparison.Ordinal));
    }
}
