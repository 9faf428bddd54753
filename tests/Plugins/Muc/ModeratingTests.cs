using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.tests.Plugins.Muc;

/// <summary>XEP-0045 sections 8 to 10: roles, affiliations, and who may change them.</summary>
public sealed class ModeratingTests
{
    private readonly RoomLab _lab = new RoomLab().Enter("ann").Enter("ben").Enter("cem").Quiet();

    [Fact]
    public void Who_is_kicked_is_told_by_whom_and_why_and_may_come_again()
    {
        _lab.Admin("ann", "<item nick='ben' role='none'><reason>noise</reason></item>");

        var told = _lab.Take("ben")[0].Element.Child("x", "http://jabber.org/protocol/muc#user")!.Child("item")!;
        Assert.Equal(("ann", "noise"), (told.Child("actor")!["nick"], told.Child("reason")!.Value));
        Assert.Equal(["ben unavailable none none 307"], _lab.Hear("cem"));
        Assert.Equal(["ben unavailable none none ben@one.test/a 307", "iq result"], _lab.Hear("ann"));
        Assert.Equal("ben here none participant ben@one.test/a 110", _lab.Enter("ben").Hear("ben")[2]);
    }

    [Fact]
    public void Who_is_banned_is_told_and_kept()
    {
        _lab.Admin("ann", "<item jid='ben@one.test/whatever' affiliation='outcast'><reason>trolling</reason></item>");

        Assert.Equal(["ben unavailable outcast none ben@one.test/a 301 110"], _lab.Hear("ben"));
        Assert.Equal(["ben unavailable outcast none 301"], _lab.Hear("cem"));
        Assert.Contains((Jid)"ben@one.test", _lab.Changes.Affiliations);
        Assert.Equal(["presence error forbidden"], _lab.Enter("ben").Hear("ben"));
        var list = RoomLab.Only(_lab.Quiet().Ask("ann", "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast'/></query>", "get").Take("ann")).Children.Single().Children.Single();
        Assert.Equal(("ben@one.test", "trolling"), (list["jid"], list.Child("reason")!.Value));
        Assert.Equal(["iq error forbidden"], _lab.Ask("cem", "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast'/></query>", "get").Hear("cem"));
        _lab.Admin("ann", "<item jid='ben@one.test' affiliation='none'/>").Quiet();
        Assert.Equal(4, _lab.Enter("ben").Hear("ben").Count);
    }

    // Ann is the owner, ada an admin, mod a moderator for the moment, mem a member, ben nobody in particular.
    [Theory]
    [InlineData("mod", "<item nick='ben' role='none'/>", null)]
    [InlineData("mod", "<item nick='ben' role='visitor'/>", null)]
    [InlineData("ben", "<item nick='mem' role='none'/>", "forbidden")]
    [InlineData("mod", "<item nick='ada' role='none'/>", "not-allowed")]
    [InlineData("mod", "<item nick='ada' role='visitor'/>", "not-allowed")]
    [InlineData("mod", "<item nick='mem' role='none'/>", "not-allowed")]
    [InlineData("mod", "<item nick='ben' role='moderator'/>", "forbidden")]
    [InlineData("ada", "<item nick='ben' role='moderator'/>", null)]
    [InlineData("ada", "<item nick='mod' role='participant'/>", null)]
    [InlineData("ada", "<item nick='ann' role='participant'/>", "not-allowed")]
    [InlineData("ann", "<item nick='ada' role='participant'/>", "not-allowed")]
    [InlineData("ann", "<item nick='ada' role='none'/>", null)]
    [InlineData("mod", "<item jid='ben@one.test' affiliation='member'/>", "forbidden")]
    [InlineData("mod", "<item jid='ben@one.test' affiliation='outcast'/>", "forbidden")]
    [InlineData("ada", "<item jid='ben@one.test' affiliation='outcast'/>", null)]
    [InlineData("ada", "<item jid='ben@one.test' affiliation='admin'/>", "forbidden")]
    [InlineData("ada", "<item jid='ann@one.test' affiliation='outcast'/>", "not-allowed")]
    [InlineData("ada", "<item jid='ada@one.test' affiliation='outcast'/>", "conflict")]
    [InlineData("ann", "<item jid='ann@one.test' affiliation='admin'/>", "conflict")]
    [InlineData("ann", "<item jid='one.test' affiliation='outcast'/>", "conflict")]
    [InlineData("ann", "<item jid='ben@one.test' affiliation='owner'/><item jid='ann@one.test' affiliation='none'/>", null)]
    [InlineData("ann", "<item jid='@' affiliation='member'/>", "jid-malformed")]
    [InlineData("ann", "<item nick='nobody' role='none'/>", "item-not-found")]
    [InlineData("ann", "<item nick='ben' role='king'/>", "bad-request")]
    [InlineData("ann", "<item jid='ben@one.test' affiliation='king'/>", "bad-request")]
    [InlineData("ann", "<item jid='ben@one.test'/>", "bad-request")]
    [InlineData("ann", "", "bad-request")]
    public void Everybody_may_what_their_rank_allows(string who, string items, string? condition)
    {
        var lab = new RoomLab().Enter("ann");
        lab.Admin("ann", "<item jid='ada@one.test' affiliation='admin'/>", "<item jid='mem@one.test' affiliation='member'/>").Enter("ada").Enter("mod").Enter("mem").Enter("ben").Admin("ann", "<item nick='mod' role='moderator'/>").Quiet();

        lab.Admin(who, items);

        Assert.Equal(condition is null ? "iq result" : $"iq error {condition}", lab.Hear(who)[^1].Replace("iq error", "iq error", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_several_changes_all_are_made_or_none()
    {
        _lab.Admin("ann", "<item jid='ben@one.test' affiliation='member'/>", "<item jid='ann@one.test' affiliation='none'/>");

        Assert.Equal(["iq error conflict"], _lab.Hear("ann"));
        Assert.Empty(_lab.Hear("ben"));
        Assert.False(_lab.Changes.Any);
    }

    [Fact]
    public void Who_becomes_a_moderator_sees_real_addresses()
    {
        _lab.Admin("ann", "<item jid='ben@one.test' affiliation='admin'/>");

        Assert.Equal(["ben here admin moderator ben@one.test/a 110", "ann here owner moderator ann@one.test/a", "cem here none participant cem@one.test/a"], _lab.Hear("ben"));
    }

    [Fact]
    public void A_room_for_members_puts_strangers_out_and_whoever_is_no_member_any_more()
    {
        _lab.Admin("ann", "<item jid='ben@one.test' affiliation='member'/>").Quiet().Configure("ann", "membersonly=1");
        Assert.Equal(["cem unavailable none none cem@one.test/a 322 110"], _lab.Hear("cem"));
        Assert.Equal(["cem unavailable none none 322", "room message 104"], _lab.Hear("ben"));

        _lab.Admin("ann", "<item jid='ben@one.test' affiliation='none'/>");
        Assert.Equal(["ben unavailable none none ben@one.test/a 321 110"], _lab.Hear("ben"));
    }

    [Fact]
    public void Lists_of_members_are_for_those_who_see_addresses()
    {
        const string Members = "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member'/></query>";
        _lab.Admin("ann", "<item jid='ben@one.test' affiliation='member'/>").Quiet();
        Assert.Equal(["iq error forbidden"], _lab.Ask("cem", Members, "get").Hear("cem"));
        _lab.Configure("ann", "whois=anyone").Quiet();
        Assert.Equal(["iq result"], _lab.Ask("cem", Members, "get").Hear("cem"));
        Assert.Equal(["iq error forbidden"], _lab.Ask("dan", Members, "get").Hear("dan"));
        _lab.Configure("ann", "getmemberlist=moderator").Quiet();
        Assert.Equal(["iq error forbidden"], _lab.Ask("cem", Members, "get").Hear("cem"));
        // For end-to-end encryption members of a private room ask without being there.
        _lab.Configure("ann", "membersonly=1").Leave("ben").Quiet();
        Assert.Equal(["iq result"], _lab.Ask("ben", Members, "get").Hear("ben"));
    }

    [Fact]
    public void Affiliations_and_changes_in_one_request_are_bounded()
    {
        var lab = new RoomLab(new RoomRules { MaxAffiliations = 2, MaxItemsPerRequest = 2 }).Enter("ann").Quiet();
        Assert.Equal(["iq error policy-violation"], lab.Admin("ann", "<item jid='a@x' affiliation='member'/>", "<item jid='b@x' affiliation='member'/>", "<item jid='c@x' affiliation='member'/>").Hear("ann"));
        Assert.Equal(["iq error resource-constraint"], lab.Admin("ann", "<item jid='a@x' affiliation='member'/>", "<item jid='b@x' affiliation='member'/>").Hear("ann"));
        Assert.Equal(["iq result"], lab.Admin("ann", "<item jid='a@x' affiliation='member'/>").Hear("ann"));
    }

    [Fact]
    public void A_moderator_takes_back_what_another_said_and_nobody_else_does()
    {
        _lab.Say("ben", "bad");
        var id = RoomLab.Only(_lab.Take("cem")).Child("stanza-id", "urn:xmpp:sid:0")!["id"];
        var moderate = $"<moderate xmlns='urn:xmpp:message-moderate:1' id='{id}'><retract xmlns='urn:xmpp:message-retract:1'/><reason>rude</reason></moderate>";
        _lab.Quiet();
        Assert.Equal(["iq error forbidden"], _lab.Ask("cem", moderate).Hear("cem"));
        Assert.Equal(["iq error item-not-found"], _lab.Ask("ann", moderate.Replace(id!, "other", StringComparison.Ordinal)).Hear("ann"));

        _lab.Ask("ann", moderate);

        var retract = RoomLab.Only(_lab.Take("cem")).Child("retract", "urn:xmpp:message-retract:1")!;
        Assert.Equal((id, "rude"), (retract["id"], retract.Child("reason")!.Value));
        var moderated = retract.Child("moderated", "urn:xmpp:message-moderate:1")!;
        Assert.Equal("tea@rooms.one.test/ann", moderated["by"]);
        Assert.NotNull(moderated.Child("occupant-id", "urn:xmpp:occupant-id:0"));
        Assert.Equal(["room message", "iq result"], _lab.Hear("ann"));
        Assert.DoesNotContain("late ben: bad", _lab.Enter("dan").Hear("dan"));
    }

    [Fact]
    public void A_room_is_destroyed_by_its_owner_and_says_where_to_go_instead()
    {
        const string Destroy = "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy jid='new@rooms.one.test'><reason>moved</reason></destroy></query>";
        Assert.Equal(["iq error forbidden"], _lab.Ask("ben", Destroy).Hear("ben"));

        _lab.Ask("ann", Destroy);

        var told = RoomLab.Only(_lab.Take("ben")).Child("x", "http://jabber.org/protocol/muc#user")!;
        Assert.Equal(("new@rooms.one.test", "moved"), (told.Child("destroy")!["jid"], told.Child("destroy")!.Child("reason")!.Value));
        Assert.Equal("none", told.Child("item")!["role"]);
        Assert.True(_lab.Changes.IsDestroyed);
        Assert.Equal("iq result", _lab.Hear("ann")[^1]);
    }
}
