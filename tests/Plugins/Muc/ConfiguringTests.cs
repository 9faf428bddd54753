using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Muc;

/// <summary>XEP-0045 sections 6, 7.8, 7.10 to 7.12, 9.9, 10.2, with hats and pictures: what a room is, and says that it is.</summary>
public sealed class ConfiguringTests
{
    private const string Register = "<query xmlns='jabber:iq:register'>{0}</query>";
    private readonly RoomLab _lab = new RoomLab().Enter("ann").Enter("ben").Quiet();

    [Fact]
    public void What_an_owner_configures_is_what_the_form_shows_next()
    {
        _lab.Configure("ann", "roomname=Tea", "roomdesc=All about tea", "lang=en", "persistentroom=1", "publicroom=0", "moderatedroom=1", "changesubject=1", "allowinvites=1", "whois=anyone", "allowpm=participants",
            "maxusers=20", "presencebroadcast=moderator", "presencebroadcast=participant", "getmemberlist=moderator", "passwordprotectedroom=1", "roomsecret=secret", "historylength=7", "unknown=field");
        Assert.Equal(["iq result"], _lab.Hear("ann").Skip(1));
        Assert.True(_lab.Changes.Room);

        var form = FormOf("ann");
        foreach (var (name, value) in new[] { ("roomname", "Tea"), ("roomdesc", "All about tea"), ("lang", "en"), ("persistentroom", "1"), ("publicroom", "0"), ("moderatedroom", "1"), ("changesubject", "1"), ("allowinvites", "1"), ("whois", "anyone"), ("allowpm", "participants"), ("maxusers", "20"), ("passwordprotectedroom", "1"), ("roomsecret", "secret"), ("historylength", "7") })
            Assert.Equal((name, value), (name, form.Value("muc#roomconfig_" + name)));
        Assert.Equal(["moderator", "participant"], form.Values("muc#roomconfig_presencebroadcast"));
        Assert.Equal(["ann@one.test"], form.Values("muc#roomconfig_roomowners"));
        Assert.Null(form.Find("muc#roomconfig_enablelogging"));
        Assert.True(_lab.Room.IsKept);
    }

    [Theory]
    [InlineData("whois=nobody")]
    [InlineData("allowpm=friends")]
    [InlineData("publicroom=perhaps")]
    [InlineData("maxusers=0")]
    [InlineData("maxusers=1000000")]
    [InlineData("presencebroadcast=king")]
    [InlineData("passwordprotectedroom=1")]
    [InlineData("historylength=-1")]
    [InlineData("roomadmins=@")]
    [InlineData("roomowners=")]
    public void What_cannot_be_is_not_acceptable_and_changes_nothing(string field)
    {
        var before = _lab.Room.Record.Config;

        Assert.Equal(["iq error not-acceptable"], _lab.Configure("ann", "roomname=Other", field).Hear("ann"));
        Assert.Equal(before, _lab.Room.Record.Config);
    }

    [Fact]
    public void Only_owners_configure_and_a_form_that_is_none_is_a_bad_request()
    {
        Assert.Equal(["iq error forbidden"], _lab.Configure("ben", "roomname=x").Hear("ben"));
        Assert.Equal(["iq error bad-request"], _lab.Ask("ann", "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='result'/></query>").Hear("ann"));
    }

    [Theory]
    [InlineData("roomname=Tea", "104")]
    [InlineData("whois=anyone", "172")]
    [InlineData("enablelogging=0", "171")]
    public void Everybody_is_told_what_changed(string field, string code)
    {
        var lab = new RoomLab(hasArchive: true).Enter("ann").Enter("ben").Quiet();

        Assert.Equal([$"room message {code}"], lab.Configure("ann", field).Hear("ben"));
    }

    [Fact]
    public void The_forms_lists_of_owners_and_admins_are_whole()
    {
        _lab.Configure("ann", "roomadmins=ben@one.test", "roomadmins=cem@one.test").Quiet();
        Assert.Equal(["ben@one.test", "cem@one.test"], FormOf("ann").Values("muc#roomconfig_roomadmins"));
        _lab.Configure("ann", "roomadmins=cem@one.test", "roomowners=ben@one.test");
        Assert.Equal(["iq error forbidden"], _lab.Quiet().Configure("ann", "roomname=x").Hear("ann"));
        Assert.Equal(["cem@one.test"], FormOf("ben").Values("muc#roomconfig_roomadmins"));
    }

    [Fact]
    public void Whoever_the_form_moves_from_one_list_to_the_other_stays_in_a_room_for_members()
    {
        _lab.Configure("ann", "membersonly=1", "roomowners=ann@one.test", "roomowners=ben@one.test").Quiet();
        _lab.Configure("ann", "roomowners=ann@one.test", "roomadmins=ben@one.test");
        Assert.DoesNotContain(_lab.Hear("ben"), w => w.Contains("321", StringComparison.Ordinal));
        Assert.Equal(["ben@one.test"], FormOf("ann").Values("muc#roomconfig_roomadmins"));
        _lab.Quiet().Say("ann", "still here?");
        Assert.Single(_lab.Take("ben"));

        _lab.Configure("ann", "roomowners=ben@one.test", "roomadmins=ann@one.test", "roomadmins=ben@one.test").Quiet().Say("ben", "and you?");

        Assert.Single(_lab.Take("ann"));
        Assert.Equal((Affiliation.Admin, Affiliation.Owner), (_lab.Room.FindAffiliation("ann@one.test")!.Affiliation, _lab.Room.FindAffiliation("ben@one.test")!.Affiliation));
        // Who is in neither list is out.
        _lab.Quiet().Configure("ben", "roomowners=ben@one.test", "roomadmins=");
        Assert.Contains(_lab.Hear("ann"), w => w.Contains("321", StringComparison.Ordinal));
    }

    [Fact]
    public void A_room_says_what_it_is()
    {
        _lab.Configure("ann", "roomname=Tea", "roomdesc=All about tea", "membersonly=0", "whois=anyone", "persistentroom=1", "lang=en").Quiet();

        var query = Info("dan");

        Assert.Equal("Tea", query.Child("identity")!["name"]);
        var features = query.ChildrenNamed("feature", query.Namespace).Select(f => f["var"]).ToList();
        foreach (var feature in new[] { "http://jabber.org/protocol/muc", "muc_public", "muc_open", "muc_persistent", "muc_unmoderated", "muc_nonanonymous", "muc_unsecured", "urn:xmpp:occupant-id:0", "urn:xmpp:message-moderate:1", "http://jabber.org/protocol/muc#self-ping-optimization", "vcard-temp", "jabber:iq:register" })
            Assert.Contains(feature, features);
        Assert.DoesNotContain("urn:xmpp:mam:2", features);
        var form = DataForm.Within(query)!;
        Assert.Equal(("http://jabber.org/protocol/muc#roominfo", "All about tea", "2", "en"), (form.FormType, form.Value("muc#roominfo_description"), form.Value("muc#roominfo_occupants"), form.Value("muc#roominfo_lang")));
        Assert.Equal(["iq error item-not-found"], _lab.Ask("dan", "<query xmlns='http://jabber.org/protocol/disco#info' node='what'/>", "get").Hear("dan"));
    }

    [Fact]
    public void Who_is_there_is_told_of_open_rooms_and_to_those_who_are_in()
    {
        const string Items = "<query xmlns='http://jabber.org/protocol/disco#items'/>";
        Assert.Equal(2, RoomLab.Only(_lab.Ask("dan", Items, "get").Take("dan")).Children.Single().Children.Count());
        _lab.Configure("ann", "publicroom=0").Quiet();
        Assert.Empty(RoomLab.Only(_lab.Ask("dan", Items, "get").Take("dan")).Children.Single().Children);
        Assert.Equal(2, RoomLab.Only(_lab.Ask("ben", Items, "get").Take("ben")).Children.Single().Children.Count());
    }

    [Fact]
    public void A_nickname_is_registered_found_kept_from_others_and_given_back()
    {
        _lab.Ask("dan", Form("muc#register", "<field var='muc#register_roomnick'><value>danny</value></field>"));
        Assert.Equal(["iq result"], _lab.Hear("dan"));
        Assert.Equal("danny", RoomLab.Only(_lab.Ask("dan", Register.Replace("{0}", "", StringComparison.Ordinal), "get").Take("dan")).Children.Single().Child("username")!.Value);
        Assert.Equal("danny", Info("dan", "x-roomuser-item").Child("identity")!["name"]);
        Assert.Null(Info("ben", "x-roomuser-item").Child("identity"));
        Assert.Equal(["presence error conflict"], _lab.Enter("cem", "danny").Hear("cem"));
        Assert.Equal(["iq error conflict"], _lab.Ask("cem", Form("muc#register", "<field var='muc#register_roomnick'><value>Danny</value></field>")).Hear("cem"));
        Assert.Equal("danny here member participant dan@one.test/a 110", _lab.Enter("dan", "danny").Hear("dan")[2]);
        _lab.Quiet().Ask("dan", Register.Replace("{0}", "<remove/>", StringComparison.Ordinal));
        Assert.Equal(["danny here none participant dan@one.test/a 110", "iq result"], _lab.Hear("dan"));
        Assert.Equal(["iq error bad-request"], _lab.Ask("dan", Register.Replace("{0}", "<username>x</username>", StringComparison.Ordinal)).Hear("dan"));
    }

    [Fact]
    public void In_a_room_for_members_an_admin_decides_who_registers()
    {
        _lab.Configure("ann", "membersonly=1").Quiet().Ask("dan", Form("muc#register", "<field var='muc#register_roomnick'><value>danny</value></field>"));
        Assert.Equal(["iq result"], _lab.Hear("dan"));
        var form = RoomLab.Form(RoomLab.Only(_lab.Take("ann")));
        Assert.Equal(("dan@one.test", "danny"), (form.Value("muc#register_jid"), form.Value("muc#register_roomnick")));
        Assert.Equal(["presence error registration-required"], _lab.Enter("dan", "danny").Hear("dan"));

        var allow = "<message><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field><field var='muc#register_jid'><value>dan@one.test</value></field><field var='muc#register_roomnick'><value>danny</value></field><field var='muc#register_allow'><value>1</value></field></x></message>";
        Assert.Equal(["message error forbidden"], _lab.Send("ben", "", allow).Hear("ben"));
        _lab.Send("ann", "", allow).Enter("dan", "danny");
        Assert.Contains("danny here member participant dan@one.test/a 110", _lab.Hear("dan"));
        _lab.Leave("ann").Quiet();
        Assert.Equal(["iq error not-allowed"], _lab.Ask("eve", Form("muc#register", "<field var='muc#register_roomnick'><value>eve</value></field>")).Hear("eve"));
    }

    [Fact]
    public void An_invitation_goes_through_the_room_makes_a_member_and_may_be_declined()
    {
        const string Invite = "<message><x xmlns='http://jabber.org/protocol/muc#user'><invite to='dan@one.test'><reason>come</reason></invite></x></message>";
        const string Decline = "<message><x xmlns='http://jabber.org/protocol/muc#user'><decline to='ann@one.test'><reason>busy</reason></decline></x></message>";
        Assert.Equal(["message error forbidden"], _lab.Send("dan", "", Decline).Hear("dan"));
        _lab.Configure("ann", "membersonly=1", "passwordprotectedroom=1", "roomsecret=secret").Quiet();

        _lab.Send("ann", "", Invite);

        var invited = RoomLab.Only(_lab.Take("dan@one.test"));
        var x = invited.Child("x", "http://jabber.org/protocol/muc#user")!;
        Assert.Equal((RoomLab.Address, "come", "secret"), (invited["from"], x.Child("invite")!.Child("reason")!.Value, x.Child("password")!.Value));
        Assert.Equal("tea@rooms.one.test/ann", x.Child("invite")!["from"]);
        Assert.Equal(RoomLab.Address, invited.Child("x", "jabber:x:conference")!["jid"]);
        Assert.Contains(_lab.Changes.Affiliations, a => a.Local == "dan");
        _lab.Send("dan", "", Decline);
        Assert.Equal("busy", RoomLab.Only(_lab.Take("ann")).Child("x", "http://jabber.org/protocol/muc#user")!.Child("decline")!.Child("reason")!.Value);
        Assert.Equal(["message error forbidden"], _lab.Send("dan", "", Decline).Hear("dan"));
    }

    [Theory]
    [InlineData("0", "message error forbidden")]
    [InlineData("1", null)]
    public void Members_invite_to_a_room_for_members_where_it_lets_them(string allowed, string? answer)
    {
        _lab.Admin("ann", "<item jid='ben@one.test' affiliation='member'/>").Configure("ann", "membersonly=1", $"allowinvites={allowed}").Quiet();
        _lab.Send("ben", "", "<message><x xmlns='http://jabber.org/protocol/muc#user'><invite to='dan@one.test'/></x></message>");
        Assert.Equal(answer is null ? [] : [answer], _lab.Hear("ben").Where(w => w.StartsWith("message", StringComparison.Ordinal)));
        Assert.Equal(answer is null ? 1 : 0, _lab.Take("dan@one.test").Count);
    }

    [Fact]
    public void A_hat_is_made_given_shown_and_taken_away()
    {
        Assert.Equal(["iq error forbidden"], Command("ben", "create", "hats#uri=urn:h", "hats#title=Host").Hear("ben"));
        Command("ann", "create", "hats#uri=urn:h", "hats#title=Host", "hats#hue=12.5");
        Assert.Equal(["room message 104", "iq result"], _lab.Hear("ann"));
        Assert.True(_lab.Changes.Hats);
        _lab.Quiet();
        Command("ann", "assign", "hats#uri=urn:h", "hats#jid=ben@one.test");
        var hat = _lab.Take("ben")[0].Element.Child("hats", "urn:xmpp:hats:0")!.Child("hat")!;
        Assert.Equal(("urn:h", "Host", "12.5"), (hat["uri"], hat["title"], hat["hue"]));
        Assert.NotNull(DataForm.Within(Info("ben"))!.Value("hats#hash"));
        Assert.Contains("ben@one.test", RoomLab.Only(_lab.Quiet().Ask("ann", "<command xmlns='http://jabber.org/protocol/commands' node='urn:xmpp:hats:commands:list-assigned'/>").Take("ann")).ToString(), StringComparison.Ordinal);
        _lab.Quiet();
        Command("ann", "destroy", "hats#uri=urn:h");
        Assert.Null(_lab.Take("ben")[0].Element.Child("hats", "urn:xmpp:hats:0"));
        Assert.Equal(["iq error item-not-found"], Command("ann", "assign", "hats#uri=urn:h", "hats#jid=ben@one.test").Hear("ann").TakeLast(1));
        Assert.Equal(["iq error not-acceptable"], Command("ann", "create", "hats#uri=urn:h", "hats#title=Host", "hats#hue=400").Hear("ann"));
    }

    [Fact]
    public void The_rooms_picture_is_its_owners_to_set_and_everybodys_to_find()
    {
        const string Picture = "<vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE><BINVAL>aGVsbG8=</BINVAL></PHOTO></vCard>";
        Assert.Equal(["iq error forbidden"], _lab.Ask("ben", Picture).Hear("ben"));
        Assert.Equal(["iq error not-acceptable"], _lab.Ask("ann", Picture.Replace("aGVsbG8=", "!", StringComparison.Ordinal)).Hear("ann"));

        _lab.Ask("ann", Picture);

        Assert.Equal("room message 104", _lab.Hear("ben")[0]);
        Assert.Equal(["aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"], DataForm.Within(Info("dan"))!.Values("muc#roominfo_avatarhash"));
        Assert.Contains("aGVsbG8=", RoomLab.Only(_lab.Ask("dan", "<vCard xmlns='vcard-temp'/>", "get").Take("dan")).ToString(), StringComparison.Ordinal);
        _lab.Ask("ann", "<vCard xmlns='vcard-temp'/>").Quiet();
        Assert.Null(DataForm.Within(Info("dan"))!.Find("muc#roominfo_avatarhash"));
        var lab = new RoomLab(new RoomRules { MaxVCardBytes = 50 }).Enter("ann").Quiet();
        Assert.Equal(["iq error policy-violation"], lab.Ask("ann", Picture).Hear("ann"));
    }

    [Fact]
    public void A_service_admin_owns_every_room()
    {
        var lab = new RoomLab(new RoomRules { ServiceAdmins = new HashSet<Parley.Xmpp.Core.Addressing.Jid> { "root@one.test" } }).Enter("ann").Quiet();

        Assert.Equal("root here owner moderator root@one.test/a 110", lab.Enter("root").Hear("root")[1]);
        Assert.Equal(["iq error not-allowed"], lab.Quiet().Admin("ann", "<item jid='root@one.test' affiliation='outcast'/>").Hear("ann"));
    }

    private RoomLab Command(string who, string name, params string[] fields)
    {
        var xml = string.Concat(fields.Select(f => f.Split('=', 2)).Select(f => $"<field var='{f[0]}'><value>{f[1]}</value></field>"));
        return _lab.Ask(who, $"<command xmlns='http://jabber.org/protocol/commands' node='urn:xmpp:hats:commands:{name}'><x xmlns='jabber:x:data' type='submit'>{xml}</x></command>");
    }

    private DataForm FormOf(string owner) => DataForm.Within(RoomLab.Only(_lab.Quiet().Ask(owner, "<query xmlns='http://jabber.org/protocol/muc#owner'/>", "get").Take(owner)).Children.Single())!;

    private Element Info(string who, string? node = null) =>
        RoomLab.Only(_lab.Quiet().Ask(who, $"<query xmlns='http://jabber.org/protocol/disco#info'{(node is null ? "" : $" node='{node}'")}/>", "get").Take(who)).Children.Single();

    private static string Form(string type, string fields) =>
        Register.Replace("{0}", $"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/{type}</value></field>{fields}</x>", StringComparison.Ordinal);
}
