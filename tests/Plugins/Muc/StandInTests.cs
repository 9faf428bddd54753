using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Muc;

/// <summary>What another plugin stands in for: it is seen to say it, and nobody else.</summary>
public sealed class StandInTests
{
    private const string Muji = "urn:xmpp:jingle:muji:0", Call = $"<muji xmlns='{Muji}'><preparing/></muji>";
    private readonly IRoomStandIn _offer = Substitute.For<IRoomStandIn>();
    private readonly RoomLab _lab;

    public StandInTests()
    {
        _offer.Name.Returns("muji");
        _offer.Namespace.Returns(Muji);
        _offer.Choose(default!).ReturnsForAnyArgs(new StandIn("tea@calls.one.test/focus", "Call", new Element("muji", Muji).Add(new Element("content", Muji))));
        _lab = new RoomLab { StandIns = [_offer] };
    }

    [Fact]
    public void It_is_there_before_the_first_who_calls_for_it_and_is_seen_by_everybody_with_its_real_address()
    {
        _lab.Enter("ann").Enter("ben").Quiet();
        Announce("cem");

        Assert.Equal(["Call here member participant tea@calls.one.test/focus", "ann here owner moderator", "ben here none participant", "cem here none participant cem@one.test/a 110"], Presences(_lab.Take("cem"), out var own));
        Assert.NotNull(own[0].Element.Child("muji", Muji)!.Child("content"));
        Assert.NotNull(own[^1].Element.Child("muji", Muji)!.Child("preparing"));
        Assert.Equal(["Call here member participant tea@calls.one.test/focus", "cem here none participant"], Presences(_lab.Take("ben"), out var others));
        Assert.Null(others[1].Element.Child("muji", Muji));
    }

    [Fact]
    public void Nobody_sees_what_others_say_of_it_however_often_it_changes_and_all_else_stays()
    {
        Announce("ann");
        Announce("ben");
        _lab.Quiet();
        _lab.Send("ben", "ben", $"<presence><show>away</show><muji xmlns='{Muji}'><content xmlns='urn:xmpp:jingle:1' name='audio'/></muji><x xmlns='urn:other'/></presence>");

        var seen = RoomLab.Only(_lab.Take("ann"));
        Assert.Null(seen.Child("muji", Muji));
        Assert.Equal("away", seen.Child("show")!.Value);
        Assert.NotNull(seen.Child("x", "urn:other"));
        Assert.NotNull(RoomLab.Only(_lab.Take("ben")).Child("muji", Muji)!.Child("content", "urn:xmpp:jingle:1"));

        // A change of somebody's rank shows them anew.
        _lab.Admin("ann", "<item nick='ben' role='visitor'/>");
        Assert.All(_lab.Take("ann").OfType<Presence>(), p => Assert.Null(p.Element.Child("muji", Muji)));
    }

    [Fact]
    public void It_goes_with_the_last_who_calls_for_it_and_comes_again()
    {
        _lab.Enter("ann");
        Announce("ben");
        Announce("cem");
        _lab.Quiet().Leave("ben");
        Assert.Equal(["ben unavailable none none ben@one.test/a"], _lab.Hear("ann"));

        _lab.Send("cem", "cem", "<presence/>");
        Assert.Equal(["cem here none participant cem@one.test/a", "Call unavailable member none tea@calls.one.test/focus"], _lab.Hear("ann"));

        _lab.Send("ann", "ann", $"<presence>{Call}</presence>");
        Assert.Equal(["Call here member participant tea@calls.one.test/focus", "ann here owner moderator ann@one.test/a 110"], _lab.Hear("ann"));
        _offer.Received(2).Choose("tea@rooms.one.test");
    }

    [Fact]
    public void It_is_told_who_calls_for_it_until_they_do_no_more_or_are_out()
    {
        _lab.Enter("ann");
        Announce("ben");
        Assert.Equal([("ben@one.test/a", true)], Told());
        Announce("cem");
        Assert.Equal([("cem@one.test/a", true)], Told());
        _lab.Send("cem", "cem", $"<presence><show>away</show>{Call}</presence>");
        Assert.Empty(Told());
        _lab.Send("cem", "cem", "<presence/>");
        Assert.Equal([("cem@one.test/a", false)], Told());
        _lab.Admin("ann", "<item nick='ben' role='none'/>");
        Assert.Equal([("ben@one.test/a", false)], Told());
    }

    [Fact]
    public void A_room_that_is_left_alone_stays_so_until_nobody_says_it_any_more()
    {
        var stand = new StandIn("tea@calls.one.test/focus", "Call", new Element("muji", Muji));
        _offer.Choose(default!).ReturnsForAnyArgs(null, stand);
        Announce("ann");
        Announce("ben");
        Assert.NotNull(_lab.Take("ann").OfType<Presence>().Last().Element.Child("muji", Muji));
        Assert.Empty(Told());
        _offer.ReceivedWithAnyArgs(1).Choose(default!);

        _lab.Leave("ann").Leave("ben").Quiet();
        Announce("cem");
        Assert.StartsWith("Call here", _lab.Hear("cem")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Who_deal_with_one_another_already_go_on_so_where_the_service_comes_later()
    {
        _lab.StandIns = [];
        Announce("ann");
        _lab.StandIns = [_offer];
        Announce("ben");

        Assert.NotNull(_lab.Take("ben")[0].Element.Child("muji", Muji));
        _offer.DidNotReceiveWithAnyArgs().Choose(default!);
    }

    [Fact]
    public void It_goes_with_its_service()
    {
        Announce("ann");
        _lab.StandIns = [];
        _lab.Quiet().Say("ann", "hello");

        Assert.Contains("Call unavailable member none tea@calls.one.test/focus", _lab.Hear("ann"));
    }

    [Fact]
    public void Its_nickname_is_nobody_elses_and_another_where_somebody_has_it()
    {
        Announce("ann");
        Assert.Equal(["presence error conflict"], _lab.Quiet().Enter("ben", "call").Hear("ben"));
        _lab.Leave("ann");

        _lab.Enter("ben", "call").Quiet();
        Announce("cem");
        Assert.StartsWith("Call 2 here", _lab.Hear("cem")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_on_no_list_is_not_put_out_and_answers_no_one_in_the_room()
    {
        Announce("ann");
        Announce("ben");
        _lab.Quiet().Configure("ann", "membersonly=1", "whois=anyone");
        Assert.DoesNotContain(_lab.Hear("ann"), w => w.StartsWith("Call", StringComparison.Ordinal));

        Assert.Equal(["message error service-unavailable"], _lab.Send("ann", "Call", "<message type='chat'><body>hi</body></message>").Hear("ann"));
        Assert.Equal(["iq error service-unavailable"], _lab.Ask("ann", "<query xmlns='jabber:iq:version'/>", "get", "Call").Hear("ann"));
        Assert.Equal(["iq error item-not-found"], _lab.Admin("ann", "<item nick='Call' role='none'/>").Hear("ann"));
        Assert.Equal(1, _lab.Room.SessionCount);
        Assert.True(_lab.Leave("ann").Room.IsEmpty);
    }

    [Fact]
    public async Task The_service_is_told_before_the_client_hears_and_its_faults_are_its_own()
    {
        await using var lab = await new MucLab { StandIns = [_offer] }.LoadAsync();
        var order = new List<string>();
        _offer.When(o => o.OnSaying(Arg.Any<Jid>(), Arg.Any<Jid>())).Do(c =>
        {
            order.Add($"{c.ArgAt<Jid>(0)} {c.ArgAt<Jid>(1)} {lab.Router.Sent.Count}");
            throw new InvalidOperationException("A fault of the other plugin.");
        });
        await lab.SendAsync($"<presence from='ann@one.test/a' to='tea@rooms.one.test/ann'><x xmlns='http://jabber.org/protocol/muc'/>{Call}</presence>");
        await lab.HearsAsync("ann", s => s is Presence { From.Resource: "ann" });
        Assert.Equal(["tea@rooms.one.test ann@one.test/a 0"], order);

        await lab.LeaveAsync("ann");
        await MucLab.UntilAsync(() => _offer.ReceivedCalls().Any(c => c.GetMethodInfo().Name == nameof(IRoomStandIn.OnSilent)));
    }

    private void Announce(string who) => _lab.Send(who, who, $"<presence><x xmlns='http://jabber.org/protocol/muc'/>{Call}</presence>");

    private IEnumerable<(string, bool)> Told() => _lab.Changes.Sayings.Select(s => (s.Client.ToString(), s.IsSaid));

    private static List<string> Presences(IReadOnlyList<Stanza> got, out List<Presence> presences)
    {
        presences = [.. got.OfType<Presence>()];
        return [.. presences.Select(RoomLab.Words)];
    }
}
