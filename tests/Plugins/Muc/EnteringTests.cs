using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.Muc;

/// <summary>XEP-0045 section 7.2: who enters, what they are told, and in what order.</summary>
public sealed class EnteringTests
{
    [Fact]
    public void Whoever_enters_is_told_of_others_then_of_oneself_then_history_then_the_subject()
    {
        var lab = new RoomLab().Enter("ann").Say("ann", "hello").Send("ann", "", "<message type='groupchat'><subject>Tea</subject></message>").Quiet();

        lab.Enter("ben");

        Assert.Equal(["ann here owner moderator", "ben here none participant ben@one.test/a 110", "late ann: hello", "ann subject 'Tea'"], lab.Hear("ben"));
        Assert.Equal(["ben here none participant ben@one.test/a"], lab.Hear("ann"));
    }

    [Fact]
    public void There_is_a_subject_message_though_nobody_ever_set_one()
    {
        var lab = new RoomLab().Enter("ben");

        Assert.Equal(["ben here none participant ben@one.test/a 110", "room subject ''"], lab.Hear("ben"));
    }

    [Fact]
    public void A_new_room_is_told_by_201_and_locked_until_it_is_configured()
    {
        var lab = new RoomLab(isConfigured: false).Enter("ann").Enter("ben");

        Assert.Equal(["ann here owner moderator ann@one.test/a 110 201", "room subject ''"], lab.Hear("ann"));
        Assert.Equal(["presence error item-not-found"], lab.Hear("ben"));

        Assert.Equal(["iq error item-not-found"], lab.Ask("ben", "<query xmlns='http://jabber.org/protocol/disco#info'/>", "get").Hear("ben"));

        lab.Configure("ann").Quiet().Enter("ben");
        Assert.Equal("ann here owner moderator", lab.Hear("ben")[0]);
    }

    [Fact]
    public void An_instant_room_is_made_by_an_empty_query_or_form_and_cancelling_gives_it_up()
    {
        var lab = new RoomLab(isConfigured: false).Enter("ann").Quiet();
        lab.Ask("ann", "<query xmlns='http://jabber.org/protocol/muc#owner'/>");
        Assert.Equal(["iq result"], lab.Hear("ann"));
        Assert.Equal("ben here none participant ben@one.test/a 110", lab.Enter("ben").Hear("ben")[1]);

        lab = new RoomLab(isConfigured: false).Enter("ann").Quiet();
        lab.Ask("ann", "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='cancel'/></query>");
        Assert.True(lab.Changes.IsDestroyed);
        Assert.True(lab.Room.IsEmpty);
    }

    [Theory]
    [InlineData("whois=anyone", "ann here owner moderator ann@one.test/a", "ben here none participant ben@one.test/a 110 100")]
    [InlineData("whois=moderators", "ann here owner moderator", "ben here none participant ben@one.test/a 110")]
    public void Real_addresses_are_for_those_who_may_see_them(string whois, string other, string self)
    {
        var lab = new RoomLab().Enter("ann").Configure("ann", whois).Quiet().Enter("ben");

        Assert.Equal([other, self], lab.Hear("ben").Take(2));
        Assert.Contains("ben@one.test/a", lab.Hear("ann")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_archived_room_says_so_by_170()
    {
        var lab = new RoomLab(hasArchive: true).Enter("ben");

        Assert.EndsWith(" 110 170", lab.Hear("ben")[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("roomsecret=secret", "", "not-authorized")]
    [InlineData("roomsecret=secret", "<password>wrong</password>", "not-authorized")]
    [InlineData("membersonly=1", "", "registration-required")]
    [InlineData("maxusers=1", "", "service-unavailable")]
    public void Those_who_may_not_enter_hear_why(string setting, string inside, string condition)
    {
        var lab = new RoomLab().Enter("ann").Configure("ann", setting, setting.StartsWith("roomsecret", StringComparison.Ordinal) ? "passwordprotectedroom=1" : "lang=en").Quiet();

        lab.Enter("ben", inside: inside);

        var stanza = Assert.Single(lab.Take("ben"));
        Assert.Equal(condition, stanza.Element.Child("error")!.Children.First().Name);
        Assert.NotNull(stanza.Element.Child("x", "http://jabber.org/protocol/muc"));
        if (condition == "service-unavailable") Assert.Equal("wait", stanza.Element.Child("error")!["type"]);
        Assert.Empty(lab.Hear("ann"));
    }

    [Fact]
    public void The_password_lets_in_and_admins_enter_a_full_room()
    {
        var lab = new RoomLab().Enter("ann").Configure("ann", "passwordprotectedroom=1", "roomsecret=secret", "maxusers=1").Admin("ann", "<item affiliation='admin' jid='ben@one.test'/>").Quiet();

        lab.Enter("ben", inside: "<password>secret</password>");

        Assert.Equal("ben here admin moderator ben@one.test/a 110", lab.Hear("ben")[1]);
    }

    [Theory]
    [InlineData("ben@one.test")]
    [InlineData("one.test")]
    public void Who_is_banned_is_kept_out_be_it_with_all_of_a_domain(string banned)
    {
        var lab = new RoomLab(owner: "ann@two.test").Admin("ann@two.test/x", $"<item affiliation='outcast' jid='{banned}'/>");

        lab.Enter("ben");

        Assert.Equal(["presence error forbidden"], lab.Hear("ben"));
    }

    [Theory]
    [InlineData("ann")]
    [InlineData("ANN")]
    public void A_nickname_is_one_persons_in_any_spelling(string nick)
    {
        var lab = new RoomLab().Enter("ann").Enter("ben", nick);

        Assert.Equal(["presence error conflict"], lab.Hear("ben"));
    }

    [Fact]
    public void Spaces_around_a_nickname_are_taken_off_and_told_by_210()
    {
        var lab = new RoomLab().Enter("ann").Quiet().Enter("ben", " ben ");

        Assert.Equal("ben here none participant ben@one.test/a 110 210", lab.Hear("ben")[1]);
    }

    [Fact]
    public void One_account_may_be_there_with_several_clients_under_one_nickname()
    {
        var lab = new RoomLab().Enter("ann").Enter("ben").Quiet();

        lab.Enter("ben/2");
        Assert.Equal("ben here none participant ben@one.test/2 none participant ben@one.test/a 110", lab.Hear("ben/2")[1]);
        Assert.Equal(["ben here none participant ben@one.test/2 none participant ben@one.test/a 110"], lab.Hear("ben"));
        Assert.Equal(["ben here none participant ben@one.test/2 none participant ben@one.test/a"], lab.Hear("ann"));

        lab.Say("ben", "hi");
        Assert.Equal(["ben: hi"], lab.Hear("ben/2"));
        lab.Quiet().Leave("ben");
        Assert.Equal(["ben unavailable none none ben@one.test/a 110"], lab.Hear("ben"));
        Assert.Equal(["ben here none participant ben@one.test/2"], lab.Hear("ann"));
        lab.Leave("ben/2");
        Assert.Equal(["ben unavailable none none ben@one.test/2"], lab.Hear("ann"));
    }

    [Fact]
    public void Bounds_hold_for_clients_nicknames_and_presences()
    {
        var lab = new RoomLab(new RoomRules { MaxSessionsPerNick = 2, MaxNickLength = 5, MaxPresenceBytes = 200 }).Enter("ann").Enter("ann/2").Quiet();

        Assert.Equal(["presence error resource-constraint"], lab.Enter("ann/3").Hear("ann/3"));
        Assert.Equal(["presence error not-acceptable"], lab.Enter("ben", "longer").Hear("ben"));
        Assert.Equal(["presence error policy-violation"], lab.Send("ben", "ben", $"<presence><status>{new string('x', 200)}</status><x xmlns='http://jabber.org/protocol/muc'/></presence>").Hear("ben"));
        Assert.Equal(["presence error jid-malformed"], lab.Send("ben", "", "<presence><x xmlns='http://jabber.org/protocol/muc'/></presence>").Hear("ben"));
    }

    [Fact]
    public void Who_believes_to_be_there_is_told_otherwise_and_who_enters_again_gets_everything_again()
    {
        var lab = new RoomLab().Enter("ann");

        Assert.Equal(["ben unavailable none none 110 307 333"], lab.Send("ben", "ben", "<presence/>").Hear("ben"));
        lab.Enter("ben").Quiet().Enter("ben");
        Assert.Equal(["ann here owner moderator", "ben here none participant ben@one.test/a 110", "room subject ''"], lab.Hear("ben"));
    }

    [Fact]
    public void Presence_is_told_of_those_roles_alone_that_the_room_shows()
    {
        var lab = new RoomLab().Enter("ann").Configure("ann", "presencebroadcast=moderator").Quiet().Enter("ben").Enter("cem");

        Assert.Equal(["ann here owner moderator", "cem here none participant cem@one.test/a 110", "room subject ''"], lab.Hear("cem"));
        Assert.Empty(lab.Hear("ann"));
        lab.Quiet().Admin("ann", "<item nick='ben' role='moderator'/>");
        Assert.Equal(["ben here none moderator"], lab.Hear("cem"));
    }

    [Fact]
    public void What_a_presence_says_goes_on_but_not_what_only_the_room_may_say()
    {
        var lab = new RoomLab().Enter("ann").Quiet();

        lab.Send("ben", "ben", "<presence><show>away</show><x xmlns='http://jabber.org/protocol/muc'/><occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/><hats xmlns='urn:xmpp:hats:0'/><muji xmlns='urn:xmpp:jingle:muji:0'/></presence>");

        var seen = RoomLab.Only(lab.Take("ann"));
        Assert.Equal(["show", "muji", "occupant-id", "x"], seen.Children.Select(c => c.Name));
        Assert.NotEqual("forged", seen.Child("occupant-id", "urn:xmpp:occupant-id:0")!["id"]);
    }

    [Fact]
    public void An_occupant_id_stays_with_the_account_and_differs_by_room()
    {
        string Id(RoomLab lab, string who) => lab.Enter(who).Take(who).First(s => s.From!.Resource == who.Split('/')[0]).Element.Child("occupant-id", "urn:xmpp:occupant-id:0")!["id"]!;
        var lab = new RoomLab();
        var first = Id(lab, "ben");
        Assert.Equal(first, Id(lab.Leave("ben"), "ben"));
        Assert.NotEqual(first, Id(lab, "cem"));
        var other = Room.Create("tea@rooms.one.test", "ann@one.test", new byte[32], new RoomRules());
        other.OnPresence((Presence)RoomLab.Parse("<presence from='ann@one.test/a' to='tea@rooms.one.test/ann'><x xmlns='http://jabber.org/protocol/muc'/></presence>"));
        Assert.NotEqual(Id(lab, "ann"), other.Out.Take().Stanzas[0].Element.Child("occupant-id", "urn:xmpp:occupant-id:0")!["id"]);
    }
}
