using System.Net;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent.Moderation;

/// <summary>Who may enter: locked, members only, password, lobby.</summary>
public sealed class EnteringTests : IAsyncLifetime
{
    private CallLab _lab = new(new FocusAgentOptions { OpenTo = OpenTo.Anyone });
    private Client _ann = null!;

    public async ValueTask InitializeAsync() => _ann = await new Client(_lab, "ann@example.org/page").JoinAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task A_locked_room_lets_nobody_in_but_those_who_were_there()
    {
        var ben = await new Client(_lab, "ben@example.org/page").JoinAsync();
        await SayAsync(p => p.Attr("locked", "true"));
        var error = await Person("cem").CallAsync();
        Client.AssertError(StanzaCondition.Forbidden, error);
        Assert.Equal("locked", StanzaError.Of(error).Application!.Name);
        await new Client(_lab, "ben@example.org/page").JoinAsync();
        await SayAsync(p => p.Attr("locked", "false"));
        await Person("cem").JoinAsync();
    }

    [Fact]
    public async Task A_room_for_members_lets_members_in()
    {
        await SayAsync(p => p.Attr("members-only", "true").Add("members", m => m.Add("account", a => a.Attr("jid", "ben@example.org"))));
        Client.AssertError(StanzaCondition.RegistrationRequired, await Person("cem").CallAsync());
        Client.AssertError(StanzaCondition.RegistrationRequired, await Guest(1).CallAsync());
        await Person("ben").JoinAsync();
    }

    [Fact]
    public async Task A_password_lets_in_and_is_slow_to_guess()
    {
        await SayAsync(p => p.Add("password", w => w.Text("correct horse")));
        var none = await Person("cem").CallAsync();
        Client.AssertError(StanzaCondition.NotAuthorized, none);
        Assert.Equal("password", StanzaError.Of(none).Application!.Name);
        for (var i = 0; i < 5; i++) Client.AssertError(StanzaCondition.NotAuthorized, await Person("cem", $"guess {i}").CallAsync());
        // Even the right one is not looked at now, or guessing would go on.
        var late = await Person("cem", "correct horse").CallAsync();
        Client.AssertError(StanzaCondition.ResourceConstraint, late);
        Assert.Equal(StanzaErrorType.Wait, StanzaError.Of(late).Type);
        await Person("dan", "correct horse").JoinAsync();
        await _lab.AdvanceAsync(TimeSpan.FromSeconds(13));
        await Person("cem", "correct horse").JoinAsync();
    }

    [Fact]
    public async Task Guests_of_one_network_guess_together()
    {
        await SayAsync(p => p.Add("password", w => w.Text("correct horse")));
        for (var i = 0; i < 5; i++) Client.AssertError(StanzaCondition.NotAuthorized, await Guest(i, $"192.0.2.{i}", "wrong").CallAsync());
        Client.AssertError(StanzaCondition.ResourceConstraint, await Guest(9, "192.0.2.9", "correct horse").CallAsync());
        await Guest(10, "198.51.100.1", "correct horse").JoinAsync();
    }

    [Fact]
    public async Task Newcomers_wait_in_the_lobby_until_a_moderator_lets_them_in()
    {
        await SayAsync(p => p.Attr("lobby", "true"));
        var cem = Person("cem");
        Assert.Equal("result", (await cem.CallAsync(nick: "Cem")).Type);
        Assert.Equal(("waiting", "1"), (cem.Notices[0].Name, cem.Notices[0]["moderators"]));
        await _lab.TickAsync();
        var caller = _ann.State.Extension!.Child("caller")!;
        Assert.Equal(("Cem", "cem@example.org"), (caller["name"], caller["address"]));
        Assert.Single(_lab.Relay.Endpoints); // waiting costs no media
        Assert.Equal(1, _lab.Rooms.Rooms[0].WaitingCount);

        Assert.Equal("result", (await _ann.ModerateAsync("admit", ("caller", caller["id"]!))).Type);
        Assert.Single(cem.Of(JingleAction.SessionAccept));
        await cem.ConnectedAsync();
        await _lab.TickAsync();
        Assert.Equal(2, _ann.State.Users.Count);
        Assert.Null(_ann.State.Extension!.Child("caller"));
        // Who was let in is not made to wait again.
        await cem.AskAsync(new JingleMessage(JingleAction.SessionTerminate, cem.Sid) { Reason = new JingleReason(JingleCondition.Success) });
        await Person("cem").JoinAsync();
    }

    [Fact]
    public async Task Who_is_not_let_in_is_told_so()
    {
        await SayAsync(p => p.Attr("lobby", "true"));
        var (cem, guest) = (Person("cem"), Guest(1));
        await cem.CallAsync();
        await guest.CallAsync(nick: "Cem");
        await _lab.TickAsync();
        var callers = _ann.State.Extension!.ChildrenNamed("caller", ModerationNames.Namespace).ToList();
        Assert.Equal(["cem@example.org", null], callers.Select(c => c["address"]));
        await _ann.ModerateAsync("deny", ("caller", callers[0]["id"]!));
        Assert.Equal((JingleCondition.Decline, "Ann did not let you in."), (cem.Ended!.Condition, cem.Ended.Text));
        Client.AssertError(StanzaCondition.ItemNotFound, await _ann.ModerateAsync("admit", ("caller", callers[0]["id"]!)));
        await _ann.ModerateAsync("admit", ("everybody", "true"));
        Assert.Single(guest.Of(JingleAction.SessionAccept));
    }

    [Fact]
    public async Task Who_gives_up_waits_too_long_or_is_gone_leaves_the_lobby()
    {
        await SayAsync(p => p.Attr("lobby", "true"));
        var (cem, dan, eve) = (Person("cem"), Person("dan"), Person("eve"));
        foreach (var one in new[] { cem, dan, eve }) await one.CallAsync();
        await cem.AskAsync(new JingleMessage(JingleAction.SessionTerminate, cem.Sid) { Reason = new JingleReason(JingleCondition.Cancel) });
        await _lab.TickAsync();
        Assert.Equal(["Ann", "Ann"], Callers.Select(c => c["name"]!));
        var answer = _lab.Answer;
        _lab.Answer = iq => iq.To == dan.Jid ? Task.FromResult((Iq)iq.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable))) : answer(iq);
        await _lab.AdvanceAsync(TimeSpan.FromSeconds(21));
        await _lab.TickAsync();
        Assert.Equal("eve@example.org", Assert.Single(Callers)["address"]);
        await _lab.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(JingleCondition.Timeout, eve.Ended!.Condition);
        await _lab.TickAsync();
        Assert.Empty(Callers);
    }

    [Fact]
    public async Task A_lobby_has_so_many_places_and_one_for_each()
    {
        await DisposeAsync();
        _lab = new CallLab(new FocusAgentOptions { OpenTo = OpenTo.Anyone, LobbyPlaces = 2 });
        await InitializeAsync();
        await SayAsync(p => p.Attr("lobby", "true"));
        var first = Person("cem");
        await first.CallAsync();
        await Person("cem").CallAsync();
        Assert.Equal(JingleCondition.Expired, first.Ended!.Condition);
        await Person("dan").CallAsync();
        Client.AssertError(StanzaCondition.ResourceConstraint, await Person("eve").CallAsync());
    }

    [Fact]
    public async Task What_is_said_while_waiting_counts_afterwards()
    {
        await SayAsync(p => p.Attr("lobby", "true"));
        var cem = Person("cem");
        await cem.CallAsync();
        Assert.Equal("result", (await cem.AskAsync(new JingleMessage(JingleAction.SessionInfo, cem.Sid) { Extras = [new RtpInfo(RtpInfoKind.Mute).ToElement()] })).Type);
        Client.AssertError(StanzaCondition.UnexpectedRequest, await cem.AskAsync(new JingleMessage(JingleAction.ContentAccept, cem.Sid)));
        await _ann.ModerateAsync("admit", ("everybody", "true"));
        Assert.All(cem.Endpoint.Tracks, t => Assert.True(t.Muted));
    }

    [Fact]
    public async Task Someone_kicked_while_a_new_call_of_theirs_waits_is_not_let_in_by_everybody()
    {
        var ben = await Person("ben").JoinAsync();
        await _ann.ModerateAsync("kick", ("participant", ben.ParticipantId));
        await SayAsync(p => p.Attr("lobby", "true"));
        Client.AssertError(StanzaCondition.Forbidden, await Person("ben").CallAsync());
        await _ann.ModerateAsync("admit", ("everybody", "true"));
        Assert.Single(_lab.Relay.Endpoints);
    }

    [Theory]
    [InlineData("locked", "maybe")]
    [InlineData("lobby", "")]
    public async Task Bad_policies_are_refused(string name, string value)
    {
        Client.AssertError(StanzaCondition.BadRequest, await _ann.AskAsync(Policy().Attr(name, value)));
        Client.AssertError(StanzaCondition.BadRequest, await _ann.AskAsync(Policy().Add("password", p => p.Text(new string('x', 257)))));
        Client.AssertError(StanzaCondition.BadRequest, await _ann.AskAsync(Policy().Add("password", p => p.Text(" x"))));
        Client.AssertError(StanzaCondition.BadRequest, await _ann.AskAsync(Policy().Add("members", m => m.Add("account", a => a.Attr("jid", "example.org")))));
        Client.AssertError(StanzaCondition.BadRequest, await _ann.AskAsync(Policy().Add("members", m => m.Add(Enumerable.Range(0, 501).Select(i => new Element("account", ModerationNames.Namespace).Attr("jid", $"a{i}@example.org"))))));
        Assert.Equal(RoomPolicy.Open, _lab.Policies.Of(Client.RoomAddress));
    }

    private IReadOnlyList<Element> Callers => [.. _ann.State.Extension!.ChildrenNamed("caller", ModerationNames.Namespace)];

    private Client Person(string name, string? password = null) => new(_lab, $"{name}@example.org/page") { Password = password };

    private Client Guest(int number, string network = "203.0.113.1", string? password = null) =>
        new(_lab, $"g{number}@guest.example.org/page") { Kind = SenderKind.Guest, Network = IPAddress.Parse(network), Password = password };

    private static Element Policy() => new("policy", ModerationNames.Namespace);

    private async Task SayAsync(Func<Element, Element> change) => Assert.Equal("result", (await _ann.AskAsync(change(Policy()))).Type);
}
