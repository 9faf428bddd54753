using Microsoft.Extensions.Configuration;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc.Service;
using Parley.Xmpp.Core.Addressing;

namespace Parley.tests.Plugins.Muc;

/// <summary>What rooms tell those who tie something to them.</summary>
public sealed class StandingTests : IAsyncLifetime
{
    private static readonly Jid Tea = "tea@rooms.one.test";
    private readonly MucLab _lab = new();
    private readonly List<(string Who, ChatRoomStanding Standing, bool IsPutOut)> _told = [];
    private readonly List<string> _destroyed = [];
    private ChatRooms _rooms = null!;

    public async ValueTask InitializeAsync()
    {
        _lab.Observer.When(o => o.Changed(Tea, Arg.Any<Jid>(), Arg.Any<ChatRoomStanding>(), Arg.Any<bool>())).Do(c =>
        {
            lock (_told) _told.Add((c.ArgAt<Jid>(1).ToString(), c.ArgAt<ChatRoomStanding>(2), c.ArgAt<bool>(3)));
        });
        _lab.Observer.When(o => o.Destroyed(Arg.Any<Jid>())).Do(c => _destroyed.Add(c.ArgAt<Jid>(0).ToString()));
        var server = Substitute.For<IServerInfo>();
        server.Domains.Returns(["one.test", "two.test"]);
        _rooms = new ChatRooms(_lab.Rooms, new ConfigurationBuilder().Build(), server);
        await _lab.LoadAsync();
        await _lab.EnterAsync("ann");
        await _lab.ConfigureAsync("ann");
        await _lab.EnterAsync("ben");
        await ToldAsync("ben@one.test", isThere: true);
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Who_comes_and_goes_is_told_with_what_it_is()
    {
        Assert.Equal((new ChatRoomStanding(true, true, true, true), false), Last("ann@one.test"));
        Assert.Equal((new ChatRoomStanding(true, false, false, true), false), Last("ben@one.test"));
        await _lab.LeaveAsync("ben");
        await ToldAsync("ben@one.test", isThere: false);
        Assert.False(Last("ben@one.test").IsPutOut);
    }

    [Theory]
    [InlineData("<item nick='ben' role='none'/>")]
    [InlineData("<item jid='ben@one.test' affiliation='outcast'/>")]
    public async Task Who_is_put_out_is_told_so(string item)
    {
        await AdminAsync(item);
        await ToldAsync("ben@one.test", isThere: false);
        Assert.True(Last("ben@one.test").IsPutOut);
    }

    [Theory]
    [InlineData("cem@one.test", true)]
    [InlineData("two.test", true)]
    [InlineData("cem@one.test", false)]
    public async Task Who_is_banned_is_told_so_without_having_been_there(string who, bool isBan)
    {
        await AdminAsync($"<item jid='{who}' affiliation='{(isBan ? "outcast" : "member")}'/>");
        await ToldAsync(who, isThere: false);
        Assert.Equal(isBan, Last(who).IsPutOut);
    }

    [Fact]
    public async Task A_room_that_closes_to_strangers_puts_them_out()
    {
        await _lab.ConfigureAsync("ann", MucLab.Field("membersonly", "1"));
        await ToldAsync("ben@one.test", isThere: false);
        Assert.True(Last("ben@one.test").IsPutOut);
    }

    [Fact]
    public async Task Roles_and_affiliations_are_told()
    {
        await AdminAsync("<item nick='ben' role='visitor'/>");
        await MucLab.UntilAsync(() => !Last("ben@one.test").Standing.HasVoice);
        await AdminAsync("<item nick='ben' role='moderator'/>");
        await MucLab.UntilAsync(() => Last("ben@one.test").Standing.IsModerator);
        await AdminAsync("<item jid='cem@one.test' affiliation='member'/>");
        await ToldAsync("cem@one.test", isThere: false);
        Assert.Equal((new ChatRoomStanding(false, true, false, true), false), Last("cem@one.test"));
    }

    [Fact]
    public async Task A_room_that_is_destroyed_is_told()
    {
        await _lab.SendAsync($"<iq type='set' id='d' from='{RoomLab.Full("ann")}' to='{Tea}'><query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query></iq>");
        await MucLab.UntilAsync(() => _destroyed.Contains("tea@rooms.one.test"));
    }

    [Fact]
    public async Task It_is_told_whoever_asks()
    {
        var ct = TestContext.Current.CancellationToken;
        Assert.Equal(new ChatRoomStanding(true, false, false, true), await _rooms.FindAsync(Tea, "ben@one.test", ct));
        Assert.Equal(new ChatRoomStanding(false, false, false, true), await _rooms.FindAsync(Tea, "cem@one.test", ct));
        Assert.Null(await _rooms.FindAsync("coffee@rooms.one.test", "ben@one.test", ct));
        Assert.Equal("rooms.two.test", _rooms.DomainOf("two.test"));
        Assert.Null(_rooms.DomainOf("three.test"));
        // That it was asked for keeps no room from ending.
        await _lab.LeaveAsync("ann");
        await _lab.LeaveAsync("ben");
        await MucLab.UntilAsync(() => _lab.Rooms.Count().Rooms == 0);
        Assert.Null(await _rooms.FindAsync(Tea, "ben@one.test", ct));
    }

    [Fact]
    public async Task An_observer_that_fails_keeps_no_room_from_going_on()
    {
        _lab.Observer.When(o => o.Changed(Tea, "cem@one.test", Arg.Any<ChatRoomStanding>(), Arg.Any<bool>())).Do(_ => throw new InvalidOperationException("no"));
        await _lab.EnterAsync("cem");
        await _lab.SayAsync("cem", "still here");
        await _lab.HearsAsync("ann", "still here");
    }

    private (ChatRoomStanding Standing, bool IsPutOut) Last(string who)
    {
        lock (_told) return _told.Where(t => t.Who == who).Select(t => (t.Standing, t.IsPutOut)).Last();
    }

    private Task ToldAsync(string who, bool isThere) => MucLab.UntilAsync(() =>
    {
        lock (_told) return _told.Exists(t => t.Who == who && t.Standing.IsThere == isThere);
    });

    private Task AdminAsync(string item) => _lab.SendAsync($"<iq type='set' id='a' from='{RoomLab.Full("ann")}' to='{Tea}'><query xmlns='http://jabber.org/protocol/muc#admin'>{item}</query></iq>");
}
