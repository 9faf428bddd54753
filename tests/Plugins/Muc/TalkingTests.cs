using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.Muc;

/// <summary>XEP-0045 sections 7.4 to 7.7, 8.1, 8.6, 17: what is said, and to whom.</summary>
public sealed class TalkingTests
{
    private readonly RoomLab _lab = new RoomLab().Enter("ann").Enter("ben").Enter("cem").Quiet();

    [Fact]
    public void A_message_reaches_everybody_its_writer_too_under_the_writers_nickname()
    {
        _lab.Send("ben", "", "<message type='groupchat' id='x1'><body>hi</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>");

        foreach (var who in new[] { "ann", "ben", "cem" })
        {
            var message = RoomLab.Only(_lab.Take(who));
            Assert.Equal(("x1", "groupchat", "tea@rooms.one.test/ben"), (message["id"], message["type"], message["from"]));
            Assert.Equal(["body", "active", "occupant-id", "stanza-id"], message.Children.Select(c => c.Name));
        }
    }

    [Fact]
    public void Nobody_speaks_for_the_room()
    {
        _lab.Send("ben", "", "<message type='groupchat'><body>hi</body><stanza-id xmlns='urn:xmpp:sid:0' by='tea@rooms.one.test' id='forged'/><stanza-id xmlns='urn:xmpp:sid:0' by='other.test' id='kept'/>"
            + "<delay xmlns='urn:xmpp:delay' from='tea@rooms.one.test' stamp='2000-01-01T00:00:00Z'/><x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x>"
            + "<retract xmlns='urn:xmpp:message-retract:1' id='i'><moderated xmlns='urn:xmpp:message-moderate:1' by='x'/></retract></message>");

        var message = RoomLab.Only(_lab.Take("cem"));
        Assert.Equal(["body", "stanza-id", "occupant-id", "stanza-id"], message.Children.Select(c => c.Name));
        Assert.Equal(["kept"], message.ChildrenNamed("stanza-id", "urn:xmpp:sid:0").Where(s => s["by"] == "other.test").Select(s => s["id"]));
        Assert.DoesNotContain("forged", message.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_is_not_there_and_who_has_no_voice_is_not_heard()
    {
        Assert.Equal(["message error not-acceptable"], _lab.Say("dan", "hi").Hear("dan"));
        _lab.Admin("ann", "<item nick='ben' role='visitor'/>").Quiet().Say("ben", "hi");
        Assert.Equal(["message error forbidden"], _lab.Hear("ben"));
        Assert.Empty(_lab.Hear("cem"));
        var lab = new RoomLab(new RoomRules { MaxMessageBytes = 100 }).Enter("ann").Quiet();
        Assert.Equal(["message error policy-violation"], lab.Say("ann", new string('x', 100)).Hear("ann"));
    }

    [Theory]
    [InlineData("maxstanzas='1'", 1)]
    [InlineData("maxstanzas='0'", 0)]
    [InlineData("maxchars='0'", 0)]
    [InlineData("maxchars='100000'", 3)]
    [InlineData("seconds='90'", 2)]
    [InlineData("since='2026-11-26T12:01:30Z'", 1)]
    [InlineData("since='1970-01-01T00:00:00Z'", 3)]
    [InlineData("maxstanzas='many'", 3)]
    public void History_is_as_much_as_was_asked_for_the_latest_first_chosen(string asked, int count)
    {
        for (var i = 1; i <= 3; i++)
        {
            _lab.Say("ben", $"m{i}");
            _lab.Now += TimeSpan.FromMinutes(1);
        }

        _lab.Now -= TimeSpan.FromSeconds(30);
        _lab.Quiet().Enter("dan", inside: $"<history {asked}/>");

        Assert.Equal(Enumerable.Range(4 - count, count).Select(i => $"late ben: m{i}"), _lab.Hear("dan").Where(w => w.StartsWith("late", StringComparison.Ordinal)));
    }

    [Fact]
    public void History_is_bounded_stamped_by_the_room_and_has_nothing_that_said_nothing()
    {
        var lab = new RoomLab(new RoomRules { MaxHistory = 2, DefaultHistory = 2 }).Enter("ann").Say("ann", "1").Say("ann", "2").Say("ann", "3");
        lab.Send("ann", "", "<message type='groupchat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>").Say("ann", "secret", "<no-store xmlns='urn:xmpp:hints'/>").Quiet().Enter("ben");

        var late = lab.Take("ben").OfType<Message>().Where(m => m.Body is not null).ToList();
        Assert.Equal(["2", "3"], late.Select(m => m.Body));
        Assert.All(late, m => Assert.Equal(RoomLab.Address, m.Element.Child("delay", "urn:xmpp:delay")!["from"]));
        Assert.All(late, m => Assert.NotNull(m.Element.Child("stanza-id", "urn:xmpp:sid:0")));
    }

    [Fact]
    public void Moderators_change_the_subject_and_others_where_the_room_lets_them()
    {
        const string Change = "<message type='groupchat'><subject>New</subject></message>";
        Assert.Equal(["message error forbidden"], _lab.Send("ben", "", Change).Hear("ben"));
        _lab.Send("ann", "", Change);
        Assert.Equal(["ann subject 'New'"], _lab.Hear("cem"));
        Assert.True(_lab.Changes.Room);
        _lab.Configure("ann", "changesubject=1").Quiet().Send("ben", "", "<message type='groupchat'><subject>Newer</subject></message>");
        Assert.Equal(["ben subject 'Newer'"], _lab.Hear("cem"));
        // With a body it is something said.
        _lab.Send("ben", "", "<message type='groupchat'><subject>no</subject><body>yes</body></message>").Quiet();
        Assert.Equal("ben subject 'Newer'", _lab.Enter("dan").Hear("dan")[^1]);
    }

    [Fact]
    public void A_private_message_goes_to_all_clients_of_one_and_says_that_it_is_of_a_room()
    {
        _lab.Enter("cem/2").Quiet().Send("ben", "cem", "<message type='chat' id='p'><body>psst</body><x xmlns='http://jabber.org/protocol/muc#user'><item role='moderator'/></x></message>");

        foreach (var client in new[] { "cem", "cem/2" })
        {
            var message = RoomLab.Only(_lab.Take(client));
            Assert.Equal(["body", "occupant-id", "x"], message.Children.Select(c => c.Name));
            Assert.Equal("tea@rooms.one.test/ben", message["from"]);
            Assert.Empty(message.Child("x", "http://jabber.org/protocol/muc#user")!.Children);
        }

        Assert.Empty(_lab.Hear("ann"));
    }

    [Theory]
    [InlineData("ben", "nobody", "chat", "item-not-found")]
    [InlineData("dan", "cem", "chat", "not-acceptable")]
    [InlineData("ben", "cem", "groupchat", "bad-request")]
    public void A_private_message_that_cannot_be_is_refused(string from, string to, string type, string condition)
    {
        Assert.Equal([$"message error {condition}"], _lab.Send(from, to, $"<message type='{type}'><body>x</body></message>").Hear(from));
    }

    [Theory]
    [InlineData("participants", true)]
    [InlineData("moderators", false)]
    [InlineData("none", false)]
    public void The_room_says_who_may_write_privately(string who, bool isAllowed)
    {
        _lab.Configure("ann", $"allowpm={who}").Quiet().Send("ben", "cem", "<message type='chat'><body>x</body></message>");

        Assert.Equal(isAllowed ? ["ben: x"] : [], _lab.Hear("cem"));
        Assert.Equal(isAllowed ? [] : ["message error forbidden"], _lab.Hear("ben"));
        // Moderators may be turned to.
        _lab.Send("ben", "ann", "<message type='chat'><body>help</body></message>");
        Assert.Equal(who == "none" ? [] : ["ben: help"], _lab.Hear("ann"));
    }

    [Fact]
    public void A_new_nickname_is_told_by_303_and_the_new_presence()
    {
        _lab.Send("ben", "bob", "<presence/>");

        Assert.Equal(["ben unavailable none participant now bob 303", "bob here none participant"], _lab.Hear("cem"));
        Assert.Equal(["ben unavailable none participant ben@one.test/a now bob 303 110", "bob here none participant ben@one.test/a 110"], _lab.Hear("ben"));
        Assert.Equal(["presence error conflict"], _lab.Send("ben", "cem", "<presence/>").Hear("ben"));
        Assert.Equal(["bob: x"], _lab.Quiet().Say("ben", "x").Hear("cem"));
    }

    [Fact]
    public void A_change_of_status_goes_to_everybody()
    {
        _lab.Send("ben", "ben", "<presence><show>dnd</show></presence>");

        Assert.Equal("dnd", RoomLab.Only(_lab.Take("cem")).Child("show")!.Value);
        Assert.Equal(["ben here none participant ben@one.test/a 110"], _lab.Hear("ben"));
    }

    [Fact]
    public void Who_leaves_is_told_and_what_they_said_on_leaving_too()
    {
        _lab.Send("ben", "ben", "<presence type='unavailable'><status>bye</status></presence>");

        Assert.Equal(["ben unavailable none none ben@one.test/a 110"], _lab.Hear("ben"));
        var told = RoomLab.Only(_lab.Take("cem"));
        Assert.Equal("bye", told.Child("status")!.Value);
    }

    [Theory]
    [InlineData("<message type='error'><error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>", true)]
    [InlineData("<presence type='error'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>", true)]
    [InlineData("<message type='error'><error type='cancel'><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>", false)]
    public void Who_cannot_be_reached_any_more_is_out(string bounced, bool isOut)
    {
        _lab.Send("ben", "", bounced);

        Assert.Equal(isOut ? ["ben unavailable none none 307 333"] : [], _lab.Hear("cem"));
    }

    [Fact]
    public void When_the_service_stops_everybody_is_told_by_332()
    {
        _lab.Room.Close();
        _lab.Sort();

        Assert.Equal(["ben unavailable none none ben@one.test/a 332 110"], _lab.Hear("ben"));
        Assert.True(_lab.Room.IsEmpty);
    }

    [Fact]
    public void What_its_writer_takes_back_nobody_sees_later_and_nobody_takes_back_anothers()
    {
        _lab.Say("ben", "first").Say("ben", "second");
        var ids = _lab.Take("cem").Select(m => m.Element.Child("stanza-id", "urn:xmpp:sid:0")!["id"]).ToList();

        _lab.Send("cem", "", $"<message type='groupchat' id='r'><retract xmlns='urn:xmpp:message-retract:1' id='{ids[0]}'/></message>");
        _lab.Send("ben", "", $"<message type='groupchat' id='r'><retract xmlns='urn:xmpp:message-retract:1' id='{ids[1]}'/></message>").Quiet().Enter("dan");

        Assert.Equal(["late ben: first"], _lab.Hear("dan").Where(w => w.StartsWith("late", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_message_that_was_sent_again_goes_to_its_sender_alone()
    {
        var message = (Message)RoomLab.Parse("<message type='groupchat' id='1' from='ben@one.test/a' to='tea@rooms.one.test'><body>x</body></message>");
        _lab.Room.Reflect(_lab.Room.OnMessage(message)!, "known", isDuplicate: true);
        _lab.Sort();

        Assert.Equal(["ben: x"], _lab.Hear("ben"));
        Assert.Empty(_lab.Hear("cem"));
    }

    [Fact]
    public void A_visitor_asks_for_voice_and_a_moderator_gives_it()
    {
        _lab.Admin("ann", "<item nick='ben' role='visitor'/>").Quiet();
        const string Ask = "<message><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field><field var='muc#role'><value>participant</value></field>{0}</x></message>";
        _lab.Send("ben", "", Ask.Replace("{0}", "", StringComparison.Ordinal));
        var form = RoomLab.Form(RoomLab.Only(_lab.Take("ann")));
        Assert.Equal(("ben", "ben@one.test/a"), (form.Value("muc#roomnick"), form.Value("muc#jid")));
        Assert.Empty(_lab.Hear("cem"));

        var allow = Ask.Replace("{0}", "<field var='muc#roomnick'><value>ben</value></field><field var='muc#request_allow'><value>true</value></field>", StringComparison.Ordinal);
        Assert.Equal(["message error forbidden"], _lab.Send("cem", "", allow).Hear("cem"));
        _lab.Send("ann", "", allow);
        Assert.Equal(["ben here none participant"], _lab.Hear("cem"));
        Assert.Equal(["message error unexpected-request"], _lab.Quiet().Send("ben", "", Ask.Replace("{0}", "", StringComparison.Ordinal)).Hear("ben"));
    }

    [Fact]
    public void An_iq_to_another_is_passed_on_and_its_answer_comes_back()
    {
        _lab.Ask("ben", "<query xmlns='jabber:iq:version'/>", "get", "cem");
        var relayed = (Iq)Assert.Single(_lab.Take("cem"));
        Assert.Equal("tea@rooms.one.test/ben", relayed.From!.ToString());
        _lab.Send("dan", "ben", $"<iq type='result' id='{relayed.Id}'/>");
        Assert.Empty(_lab.Hear("ben"));
        _lab.Send("cem", "ben", $"<iq type='result' id='{relayed.Id}'/>");
        var answer = Assert.Single(_lab.Take("ben"));
        Assert.Equal(("result", "tea@rooms.one.test/cem"), (answer.Type, answer.From!.ToString()));
        Assert.StartsWith("q", answer.Id, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vcard_is_asked_of_the_account_and_requests_are_bounded()
    {
        var lab = new RoomLab(new RoomRules { MaxRelayedRequests = 1 }).Enter("ann").Enter("ben").Quiet();
        lab.Ask("ann", "<vCard xmlns='vcard-temp'/>", "get", "ben");
        Assert.Equal("ben@one.test", Assert.Single(lab.Take("ben@one.test")).To!.ToString());
        Assert.Equal(["iq error resource-constraint"], lab.Ask("ann", "<vCard xmlns='vcard-temp'/>", "get", "ben").Hear("ann"));
        lab.Now += TimeSpan.FromMinutes(3);
        Assert.Empty(lab.Ask("ann", "<vCard xmlns='vcard-temp'/>", "get", "ben").Hear("ann"));
    }

    [Theory]
    [InlineData("ben", "ben", "iq result")]
    [InlineData("dan", "ben", "iq error not-acceptable")]
    [InlineData("dan", "dan", "iq error not-acceptable")]
    public void A_ping_of_oneself_says_whether_one_is_there(string who, string nick, string answer)
    {
        Assert.Equal([answer], _lab.Ask(who, "<ping xmlns='urn:xmpp:ping'/>", "get", nick).Hear(who));
    }
}
