using System.Net;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent.Moderation;

/// <summary>What moderators do to people, and who is one.</summary>
public sealed class ActTests : IAsyncLifetime
{
    private readonly CallLab _lab = new(new FocusAgentOptions { OpenTo = OpenTo.Guests });
    private readonly Client _ann, _ben, _gus;

    public ActTests()
    {
        _ann = new Client(_lab, "ann@example.org/page");
        _ben = new Client(_lab, "ben@example.org/page");
        _gus = new Client(_lab, "g1@guest.example.org/page") { Kind = SenderKind.Guest, Network = IPAddress.Parse("192.0.2.7") };
    }

    public async ValueTask InitializeAsync()
    {
        await _ann.JoinAsync();
        await _ben.JoinAsync(nick: "Ben");
        await _gus.JoinAsync(nick: "Gus");
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task The_account_that_came_first_moderates_and_everybody_is_told()
    {
        await _lab.TickAsync();
        Assert.Equal([["moderator"], [], []], _ben.State.Users.Select(u => u.Roles));
        Assert.NotNull(_ann.State.Extension);
        Assert.Null(_ben.State.Extension);
    }

    [Fact]
    public async Task Nobody_else_may_do_anything_to_others()
    {
        foreach (var act in new[] { "kick", "mute", "unmute", "admit", "deny", "allow", "grant", "revoke", "end" })
        {
            foreach (var who in new[] { _ben, _gus }) Client.AssertError(StanzaCondition.Forbidden, await who.ModerateAsync(act, ("participant", _ann.ParticipantId), ("everybody", "true")));
        }

        Client.AssertError(StanzaCondition.Forbidden, await _ben.ModerateAsync("hand", ("participant", _gus.ParticipantId), ("raised", "true")));
        Client.AssertError(StanzaCondition.Forbidden, await new Client(_lab, "eve@example.org/x").ModerateAsync("end"));
        Client.AssertError(StanzaCondition.Forbidden, await _ben.AskAsync(new Element("policy", ModerationNames.Namespace), "get"));
        Client.AssertError(StanzaCondition.Forbidden, await _ben.AskAsync(new Element("policy", ModerationNames.Namespace).Attr("locked", "false")));
        Assert.All(new[] { _ann, _ben, _gus }, c => Assert.Null(c.Ended));
    }

    [Fact]
    public async Task Who_is_kicked_is_out_is_told_by_whom_and_stays_out_until_allowed()
    {
        Assert.Equal("result", (await _ann.ModerateAsync("kick", ("participant", _ben.ParticipantId))).Type);
        Assert.Equal((JingleCondition.Decline, "Ann removed you from the call."), (_ben.Ended!.Condition, _ben.Ended.Text));
        Assert.Equal(2, _lab.Relay.Endpoints.Count);
        Client.AssertError(StanzaCondition.Forbidden, await new Client(_lab, "ben@example.org/other").CallAsync(token: "another-token-0123456789"));

        await _lab.TickAsync();
        var ban = _ann.State.Extension!.Child("banned")!;
        Assert.Equal("Ben", ban["name"]);
        Assert.Equal("result", (await _ann.ModerateAsync("allow", ("ban", ban["id"]!))).Type);
        Client.AssertError(StanzaCondition.ItemNotFound, await _ann.ModerateAsync("allow", ("ban", ban["id"]!)));
        await new Client(_lab, "ben@example.org/other").JoinAsync(token: "another-token-0123456789");
    }

    [Fact]
    public async Task A_guest_who_is_kicked_and_comes_as_somebody_else_waits_in_the_lobby()
    {
        await _ann.ModerateAsync("kick", ("participant", _gus.ParticipantId));
        Client.AssertError(StanzaCondition.Forbidden, await new Client(_lab, "g1@guest.example.org/page") { Kind = SenderKind.Guest }.CallAsync());
        var again = new Client(_lab, "g2@guest.example.org/page") { Kind = SenderKind.Guest, Network = IPAddress.Parse("192.0.2.7") };
        Assert.Equal("result", (await again.CallAsync(nick: "Hal")).Type);
        Assert.Empty(again.Of(JingleAction.SessionAccept));
        Assert.Equal("waiting", Assert.Single(again.Notices).Name);
        // Other guests are not suspected.
        await new Client(_lab, "g3@guest.example.org/page") { Kind = SenderKind.Guest, Network = IPAddress.Parse("198.51.100.7") }.JoinAsync();
    }

    [Fact]
    public async Task A_kick_that_meets_a_second_leg_of_the_same_person_ends_both()
    {
        var again = new Client(_lab, "ben@example.org/page2");
        await again.JoinAsync(token: "token-of-ben-0123456789", isUp: false);
        Assert.Null(_ben.Ended);
        await _ann.ModerateAsync("kick", ("participant", again.ParticipantId));
        Assert.Equal(JingleCondition.Decline, _ben.Ended!.Condition);
        Assert.Equal(JingleCondition.Decline, again.Ended!.Condition);
        Assert.DoesNotContain(_lab.Relay.Endpoints, e => e.Id.StartsWith(again.ParticipantId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_muted_goes_nowhere_until_its_sender_switches_on_again()
    {
        await _ann.AcceptSlotsAsync();
        await _ben.FlowsAsync();
        var audio = _ben.Endpoint.Tracks.Single(t => t.Kind == MediaKind.Audio);
        Assert.Contains(audio.Id, _ann.Fed.Values);

        Assert.Equal("result", (await _ann.ModerateAsync("mute", ("participant", _ben.ParticipantId))).Type);
        Assert.Equal([MediaKind.Video], _ben.Endpoint.Tracks.Select(t => t.Kind));
        Assert.DoesNotContain(audio.Id, _ann.Fed.Values);
        var notice = Assert.Single(_ben.Notices);
        Assert.Equal(("mute", "audio", null, "Ann"), (notice.Name, notice["media"], notice["held"], notice["by"]));
        await _lab.TickAsync();
        var told = _ann.State.Users.Single(u => u.DisplayText == "Ben");
        Assert.Equal("muted", told.Extension!["audio"]);
        Assert.Equal("inactive", told.Media.Single(m => m.Type == "audio").Status);

        // The page mutes itself as it is told; then its person switches on again.
        var name = _ben.Of(JingleAction.SessionAccept)[0].Contents[0].Name;
        await _ben.InfoAsync(new RtpInfo(RtpInfoKind.Mute, JingleCreator.Initiator, name).ToElement());
        Assert.Equal([MediaKind.Video], _ben.Endpoint.Tracks.Select(t => t.Kind));
        await _ben.InfoAsync(new RtpInfo(RtpInfoKind.Unmute, JingleCreator.Initiator, name).ToElement());
        Assert.Equal(2, _ben.Endpoint.Tracks.Count);
        Assert.Contains(audio.Id, _ann.Fed.Values);
    }

    [Fact]
    public async Task What_is_held_stays_silent_whatever_its_sender_does_even_by_coming_back()
    {
        await _ann.ModerateAsync("mute", ("participant", _ben.ParticipantId), ("media", "both"), ("held", "true"));
        Assert.Empty(_ben.Endpoint.Tracks);
        Assert.Equal(["audio", "video"], _ben.Notices.Select(n => n["media"]!));
        Assert.All(_ben.Notices, n => Assert.Equal("true", n["held"]));
        foreach (var kind in new[] { RtpInfoKind.Mute, RtpInfoKind.Unmute }) await _ben.InfoAsync(new RtpInfo(kind).ToElement());
        Assert.Empty(_ben.Endpoint.Tracks);
        // To mute everybody loosens nothing.
        await _ann.ModerateAsync("mute", ("everybody", "true"));
        foreach (var kind in new[] { RtpInfoKind.Mute, RtpInfoKind.Unmute }) await _ben.InfoAsync(new RtpInfo(kind).ToElement());
        Assert.Empty(_ben.Endpoint.Tracks);

        await _ben.AskAsync(new JingleMessage(JingleAction.SessionTerminate, _ben.Sid) { Reason = new JingleReason(JingleCondition.Success) });
        var again = await new Client(_lab, "ben@example.org/other").JoinAsync(token: "another-token-0123456789");
        Assert.Empty(again.Endpoint.Tracks);
        await _ann.ModerateAsync("unmute", ("participant", again.ParticipantId), ("media", "both"));
        Assert.Equal(2, again.Endpoint.Tracks.Count);
        Assert.Equal(["unmute", "unmute"], again.Notices.Select(n => n.Name));
    }

    [Fact]
    public async Task Everybody_but_moderators_is_muted_at_once()
    {
        var dan = await new Client(_lab, "dan@example.org/page").JoinAsync(nick: "Dan");
        await _ann.ModerateAsync("grant", ("participant", dan.ParticipantId));
        await _ann.ModerateAsync("mute", ("everybody", "true"));
        Assert.Equal(2, _ann.Endpoint.Tracks.Count);
        Assert.Equal(2, dan.Endpoint.Tracks.Count);
        Assert.Single(_ben.Endpoint.Tracks);
        Assert.Single(_gus.Endpoint.Tracks);
    }

    [Fact]
    public async Task Whom_moderators_made_one_names_no_others_for_the_room()
    {
        await _ann.ModerateAsync("grant", ("participant", _ben.ParticipantId));
        Element Policy() => new Element("policy", ModerationNames.Namespace).Attr("locked", "true");
        Element Naming(string who) => Policy().Add("moderators", m => m.Add("account", a => a.Attr("jid", who)));
        Client.AssertError(StanzaCondition.NotAllowed, await _ben.AskAsync(Naming("ben@example.org")));
        Assert.False(_lab.Policies.Of(Client.RoomAddress).IsLocked);
        Assert.Equal("result", (await _ben.AskAsync(Policy())).Type);
        Assert.Equal("result", (await _ann.AskAsync(Naming("cem@example.org"))).Type);
        // What is said again as it is changes nothing; who was named is not unnamed either.
        Assert.Equal("result", (await _ben.AskAsync(Naming("cem@example.org"))).Type);
        Client.AssertError(StanzaCondition.NotAllowed, await _ben.AskAsync(Policy().Add("moderators")));
        Assert.Equal(["cem@example.org"], _lab.Policies.Of(Client.RoomAddress).Moderators.Select(m => m.ToString()));
    }

    [Fact]
    public async Task Moderators_make_moderators_even_of_guests_and_those_do_not_unmake_them()
    {
        Assert.Equal("result", (await _ann.ModerateAsync("grant", ("participant", _gus.ParticipantId))).Type);
        Assert.Equal("result", (await _gus.ModerateAsync("mute", ("participant", _ben.ParticipantId))).Type);
        Client.AssertError(StanzaCondition.NotAllowed, await _gus.ModerateAsync("kick", ("participant", _ann.ParticipantId)));
        Client.AssertError(StanzaCondition.NotAllowed, await _gus.ModerateAsync("mute", ("participant", _ann.ParticipantId), ("held", "true")));
        Client.AssertError(StanzaCondition.NotAllowed, await _gus.ModerateAsync("grant", ("participant", _ben.ParticipantId)));
        await _ann.ModerateAsync("revoke", ("participant", _gus.ParticipantId));
        Client.AssertError(StanzaCondition.Forbidden, await _gus.ModerateAsync("mute", ("participant", _ben.ParticipantId)));
    }

    [Fact]
    public async Task Hands_are_raised_in_order_and_lowered_by_oneself_or_a_moderator()
    {
        await _gus.ModerateAsync("hand", ("raised", "true"));
        await _ben.ModerateAsync("hand", ("raised", "true"));
        await _gus.ModerateAsync("hand", ("raised", "true")); // again: keeps its place
        await _lab.TickAsync();
        Assert.Equal([null, "2", "1"], _ann.State.Users.Select(u => u.Extension?["hand"]));
        await _ann.ModerateAsync("hand", ("participant", _gus.ParticipantId), ("raised", "false"));
        await _lab.TickAsync();
        Assert.Equal([null, "1", null], _ann.State.Users.Select(u => u.Extension?["hand"]));
    }

    [Fact]
    public async Task A_call_is_ended_for_all_and_for_those_who_wait()
    {
        await _ann.AskAsync(new Element("policy", ModerationNames.Namespace).Attr("lobby", "true"));
        var late = new Client(_lab, "dan@example.org/page");
        await late.CallAsync();
        await _ann.ModerateAsync("end");
        Assert.All(new[] { _ann, _ben, _gus, late }, c => Assert.Equal((JingleCondition.Gone, "Ann ended the call."), (c.Ended!.Condition, c.Ended.Text!)));
        Assert.Empty(_lab.Relay.Endpoints);
        // What was said for this call is over with it.
        await new Client(_lab, "dan@example.org/page").JoinAsync();
    }

    [Fact]
    public async Task While_the_first_is_away_whoever_was_there_longest_stands_in()
    {
        await _ann.AskAsync(new JingleMessage(JingleAction.SessionTerminate, _ann.Sid) { Reason = new JingleReason(JingleCondition.Success) });
        Assert.Equal("result", (await _ben.ModerateAsync("mute", ("participant", _gus.ParticipantId))).Type);
        var back = await new Client(_lab, "ann@example.org/page").JoinAsync(token: "another-token-0123456789");
        Client.AssertError(StanzaCondition.Forbidden, await _ben.ModerateAsync("mute", ("participant", back.ParticipantId)));
        Assert.Equal("result", (await back.ModerateAsync("mute", ("participant", _ben.ParticipantId))).Type);
    }

    [Theory]
    [InlineData("kick", "participant", "nobody", StanzaCondition.ItemNotFound)]
    [InlineData("kick", "x", "y", StanzaCondition.ItemNotFound)]
    [InlineData("admit", "caller", "nobody", StanzaCondition.ItemNotFound)]
    [InlineData("mute", "media", "smell", StanzaCondition.BadRequest)]
    [InlineData("dance", "x", "y", StanzaCondition.FeatureNotImplemented)]
    public async Task Bad_input_gets_its_error(string act, string name, string value, StanzaCondition error)
    {
        Client.AssertError(error, await _ann.ModerateAsync(act, name == "media" ? [("participant", _ben.ParticipantId), (name, value)] : [(name, value)]));
        Client.AssertError(StanzaCondition.BadRequest, await _ann.AskAsync(new Element("moderate", ModerationNames.Namespace)));
        Client.AssertError(StanzaCondition.BadRequest, await _ann.AskAsync(new Element("moderate", ModerationNames.Namespace).Add("end").Add("end")));
        Client.AssertError(StanzaCondition.ItemNotFound, await new Client(_lab, "ann@example.org/page", "coffee@calls.example.org").ModerateAsync("end"));
    }
}
