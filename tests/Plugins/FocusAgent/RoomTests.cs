using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

public sealed class RoomTests
{
    private const string Token = "a-token-that-stays-the-same";

    [Fact]
    public async Task Everybody_is_told_who_is_there_by_versions_that_rise()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync(nick: "Bob");
        Assert.Empty(ann.States); // gathered first
        await lab.TickAsync();
        Assert.Equal("xmpp:tea@calls.example.org", ann.State.Entity);
        Assert.Equal([("Ann", "xmpp:ann@example.org/web", ann.ParticipantId), ("Bob", "xmpp:bob@example.org/web", bob.ParticipantId)], ann.State.Users.Select(u => (u.DisplayText!, u.Entity, u.Endpoint)));
        Assert.Equal([(null, null), (null, null)], ann.State.Users[0].Media.Select(m => (m.Id, m.Source))); // oneself, without slots
        await ann.AcceptSlotsAsync();
        await lab.TickAsync();
        Assert.Equal([("a0", ann.Endpoint.Forwarders[0].Ssrc), ("v0", ann.Endpoint.Forwarders[1].Ssrc)], ann.State.Users[1].Media.Select(m => (m.Id!, m.Source!.Value)));
        await bob.EndedAsync();
        await lab.TickAsync();
        Assert.Equal("Ann", Assert.Single(ann.State.Users).DisplayText);
        Assert.Equal(ann.States.Select(s => s.Version).Order(), ann.States.Select(s => s.Version));
        Assert.Equal(ann.States.Count, ann.States.Select(s => s.Version).Distinct().Count());
    }

    [Fact]
    public async Task A_lost_stream_ends_nothing_and_lost_media_ends_the_leg()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        lab.Answer = iq => Task.FromResult((Iq)iq.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable)));
        await lab.SayAsync(new Presence(new Element("presence", Ns.Client).Attr("type", "unavailable").Attr("from", "ann@example.org/web").Attr("to", Client.RoomAddress)));
        await new Client(lab, "bob@example.org/web").JoinAsync();
        Assert.Equal(2, lab.Rooms.Rooms[0].ParticipantCount);
        await ann.EndedAsync();
        Assert.Equal(1, lab.Rooms.Rooms[0].ParticipantCount);
        Assert.Equal(JingleCondition.ConnectivityError, ann.Of(JingleAction.SessionTerminate)[0].Reason!.Condition);
        Assert.Single(lab.Relay.Endpoints);
    }

    [Fact]
    public async Task Whoever_has_no_media_is_nobodys_ghost_however_often_it_calls()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync(token: Token, nick: "Bob");
        await lab.TickAsync();
        Assert.Equal(2, ann.State.Users.Count);
        var old = bob.Endpoint.Id;
        // The page notices that no media passes, and calls anew before the relay has given the old leg up.
        var back = await new Client(lab, "bob@example.org/back").JoinAsync(token: Token, nick: "Bob", isUp: false);
        await lab.TellAsync(new TransportEnded(lab.Relay.Epoch, lab.Relay.ConferenceOf(old), old, "t0", TransportEnd.ConsentExpired));
        await lab.TickAsync();
        Assert.Equal("Ann", Assert.Single(ann.State.Users).DisplayText);
        await back.ConnectedAsync();
        await lab.TickAsync();
        Assert.Equal(["Ann", "Bob"], ann.State.Users.Select(u => u.DisplayText));
    }

    [Theory]
    [InlineData(TransportEnd.ClosedByPeer, JingleCondition.Success)]
    [InlineData(TransportEnd.DtlsFailed, JingleCondition.SecurityError)]
    [InlineData(TransportEnd.NeverConnected, JingleCondition.FailedTransport)]
    [InlineData(TransportEnd.WorkerFailed, JingleCondition.FailedTransport)]
    public async Task The_end_of_media_is_told_with_its_reason_and_an_empty_room_is_gone(TransportEnd why, JingleCondition reason)
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        await ann.EndedAsync(why);
        Assert.Equal(reason, ann.Of(JingleAction.SessionTerminate)[0].Reason!.Condition);
        await CallLab.EventuallyAsync(() => lab.Rooms.Rooms.Count == 0 && lab.Relay.Conferences.Count == 0);
        Client.AssertError(StanzaCondition.ItemNotFound, await ann.AskAsync(new JingleMessage(JingleAction.SessionInfo, ann.Sid)));
    }

    [Fact]
    public async Task A_page_that_comes_back_with_its_token_is_the_same_participant()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync(token: Token);
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync(nick: "Bob");
        await bob.AcceptSlotsAsync();
        var old = ann.Endpoint;
        var back = await new Client(lab, "another-guest@guest.example.org/web") { Kind = SenderKind.Guest }.JoinAsync("firefox", Token, "Ann again", isUp: false);
        Assert.Equal(ann.ParticipantId, back.ParticipantId);
        // Until the new leg's media is up others keep what they see, and the old page is left in peace.
        Assert.Equal(old.Tracks.Select(t => t.Id), bob.Fed.Values);
        Assert.Empty(ann.Of(JingleAction.SessionTerminate));
        await back.ConnectedAsync();
        Assert.Equal(JingleCondition.Expired, Assert.Single(ann.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.DoesNotContain(lab.Relay.Endpoints, e => e.Id == old.Id);
        Assert.Equal(back.Endpoint.Tracks.Select(t => t.Id), bob.Fed.Values);
        Assert.Single(bob.Of(JingleAction.ContentAdd)); // the same slots
        await lab.TickAsync();
        Assert.Equal(["Ann again", "Bob"], bob.State.Users.Select(u => u.DisplayText));
    }

    [Fact]
    public async Task A_page_whose_new_leg_fails_keeps_its_old_one()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync(token: Token);
        var old = ann.Endpoint.Id;
        var back = await new Client(lab, "ann@example.org/other").JoinAsync(token: Token, isUp: false);
        await back.EndedAsync(TransportEnd.NeverConnected);
        Assert.Equal(old, Assert.Single(lab.Relay.Endpoints).Id);
        Assert.Empty(ann.Of(JingleAction.SessionTerminate));
    }

    [Fact]
    public async Task A_relay_that_restarted_has_lost_the_legs_and_pages_may_call_again()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync();
        lab.Relay.Restart("e2");
        await lab.TellAsync(new EventsLost("e2"));
        foreach (var page in (Client[])[ann, bob]) Assert.Equal(JingleCondition.FailedTransport, Assert.Single(page.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        await CallLab.EventuallyAsync(() => lab.Relay.Conferences.Count == 0);
        ann.Sid = "again";
        await ann.JoinAsync();
    }

    [Fact]
    public async Task After_lost_events_the_relay_is_told_everything_again()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync();
        await lab.TellAsync(new EventsLost("e1"));
        Assert.Equal([ann.Endpoint.Id, bob.Endpoint.Id], lab.Relay.Requests[^1].Endpoints.Select(e => e.Id));
        Assert.Empty(ann.Of(JingleAction.SessionTerminate));
    }

    [Fact]
    public async Task What_lost_events_would_have_told_is_made_up_for()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync();
        await ann.FlowsAsync();
        var (conference, ended, came) = (lab.Relay.ConferenceOf(bob.Endpoint.Id), bob.Endpoint.Id, ann.Endpoint.Tracks[0].Id);
        lab.Relay.Happen(new TransportEnded("e1", conference, ended, "t0", TransportEnd.ConsentExpired));
        lab.Relay.Happen(new TrackFlowChanged("e1", conference, ann.Endpoint.Id, came, Flowing: false));
        await lab.TellAsync(new EventsLost("e1"));
        Assert.Equal(JingleCondition.ConnectivityError, Assert.Single(bob.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Equal([ann.Endpoint.Id], lab.Relay.Endpoints.Select(e => e.Id));
        await lab.TickAsync();
        Assert.Equal(["inactive", "sendrecv"], Assert.Single(ann.State.Users).Media.Select(m => m.Status));
    }

    [Fact]
    public async Task A_newer_leg_whose_connection_was_told_to_nobody_still_takes_over()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync(token: "0123456789abcdef");
        var again = await new Client(lab, "ann@example.org/again").JoinAsync(token: "0123456789abcdef", isUp: false);
        Assert.Equal(2, lab.Relay.Endpoints.Count);
        lab.Relay.Happen(new TransportConnected("e1", lab.Relay.ConferenceOf(again.Endpoint.Id), again.Endpoint.Id, "t0"));
        await lab.TellAsync(new EventsLost("e1"));
        Assert.Equal(JingleCondition.Expired, Assert.Single(ann.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Single(lab.Relay.Endpoints);
    }

    [Theory]
    [InlineData(RelayFault.Unavailable, StanzaCondition.ServiceUnavailable)]
    [InlineData(RelayFault.ResourceConstraint, StanzaCondition.ResourceConstraint)]
    [InlineData(RelayFault.BadRequest, StanzaCondition.BadRequest)]
    public async Task What_the_relay_refuses_is_refused_and_harms_nobody_else(RelayFault fault, StanzaCondition condition)
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        lab.Relay.Judge = r => r.Endpoints.Any(e => e.Id != ann.Endpoint.Id) ? fault : null;
        var bob = new Client(lab, "bob@example.org/web");
        Client.AssertError(condition, await bob.CallAsync());
        Assert.Empty(bob.Jingle);
        Assert.Equal(1, lab.Rooms.Rooms[0].ParticipantCount);
        Assert.Empty(ann.Of(JingleAction.SessionTerminate));
    }

    [Fact]
    public async Task Only_the_leg_that_the_relay_refuses_ends()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync();
        var victim = ann.Endpoint.Id;
        lab.Relay.Judge = r => r.Endpoints.Any(e => e.Id == victim && e.Forwarders.Count > 0) ? RelayFault.ResourceConstraint : null;
        await ann.AcceptSlotsAsync();
        await bob.AcceptSlotsAsync();
        Assert.Equal(JingleCondition.IncompatibleParameters, Assert.Single(ann.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Equal(bob.Endpoint.Id, Assert.Single(lab.Relay.Endpoints).Id);
    }

    [Fact]
    public async Task Without_a_relay_calls_are_refused_and_live_ones_end()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        await CallLab.EventuallyAsync(() => lab.Relay.Watchers > 0);
        lab.HasRelay = false;
        lab.Relay.EndEvents();
        await CallLab.EventuallyAsync(() => ann.Of(JingleAction.SessionTerminate).Count > 0);
        Assert.Equal(JingleCondition.FailedTransport, ann.Of(JingleAction.SessionTerminate)[0].Reason!.Condition);
        ann.Sid = "again";
        Client.AssertError(StanzaCondition.ServiceUnavailable, await ann.CallAsync());
    }

    [Fact]
    public async Task A_relay_that_is_unloaded_is_let_go_and_the_next_is_followed()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        await CallLab.EventuallyAsync(() => lab.Relay.Watchers == 1);
        lab.HasRelay = false;
        for (var i = 0; i < 100 && lab.Relay.Watchers > 0; i++) await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(0, lab.Relay.Watchers);
        await CallLab.EventuallyAsync(() => ann.Of(JingleAction.SessionTerminate).Count == 1);
        lab.HasRelay = true;
        for (var i = 0; i < 100 && lab.Relay.Watchers == 0; i++) await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        ann.Sid = "again";
        await ann.JoinAsync();
        await ann.EndedAsync();
        Assert.Equal(2, ann.Of(JingleAction.SessionTerminate).Count);
    }

    [Fact]
    public async Task When_the_plugin_stops_calls_end_with_gone()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        await lab.StopAsync();
        Assert.Equal(JingleCondition.Gone, Assert.Single(ann.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Empty(lab.Relay.Conferences);
        ann.Sid = "again";
        Client.AssertError(StanzaCondition.ResourceConstraint, await ann.CallAsync());
    }

    [Theory]
    [InlineData(OpenTo.Accounts, false, SenderKind.Account, false, true)]
    [InlineData(OpenTo.Accounts, false, SenderKind.Guest, false, false)]
    [InlineData(OpenTo.Accounts, false, SenderKind.Guest, true, true)]
    [InlineData(OpenTo.Accounts, false, SenderKind.Remote, true, false)]
    [InlineData(OpenTo.Guests, false, SenderKind.Guest, false, true)]
    [InlineData(OpenTo.Guests, false, SenderKind.Remote, true, false)]
    [InlineData(OpenTo.Anyone, false, SenderKind.Remote, false, true)]
    [InlineData(OpenTo.Accounts, true, SenderKind.Guest, false, true)]
    public async Task Who_may_enter(OpenTo openTo, bool isLoopbackOnly, SenderKind kind, bool isHosted, bool enters)
    {
        await using var lab = new CallLab(new FocusAgentOptions { OpenTo = openTo }, isLoopbackOnly);
        if (isHosted) await new Client(lab, "host@example.org/web").JoinAsync();
        var answer = await new Client(lab, "x@guest.example.org/web") { Kind = kind }.CallAsync();
        if (enters) Assert.Equal("result", answer.Type);
        else Client.AssertError(StanzaCondition.Forbidden, answer);
    }

    [Fact]
    public async Task A_full_room_takes_nobody_but_who_comes_back()
    {
        await using var lab = new CallLab(new FocusAgentOptions { MaxParticipants = 2, MaxConferences = 1 });
        await new Client(lab, "ann@example.org/web").JoinAsync(token: Token);
        await new Client(lab, "bob@example.org/web").JoinAsync();
        Client.AssertError(StanzaCondition.ResourceConstraint, await new Client(lab, "cid@example.org/web").CallAsync());
        await new Client(lab, "ann@example.org/again").JoinAsync(token: Token);
        Client.AssertError(StanzaCondition.ResourceConstraint, await new Client(lab, "dan@example.org/web", "other@calls.example.org").CallAsync());
    }

    [Fact]
    public async Task A_page_that_disowns_its_session_is_gone()
    {
        await using var lab = new CallLab();
        lab.Answer = iq => Task.FromResult((Iq)iq.ErrorReply(JingleErrors.UnknownSession()));
        await new Client(lab, "ann@example.org/web").CallAsync();
        await CallLab.EventuallyAsync(() => lab.Relay.Conferences.Count == 0);
    }

    [Fact]
    public async Task Somebody_who_mutes_and_unmutes_all_the_time_does_not_flood_the_others()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync();
        await lab.TickAsync();
        var before = bob.States.Count;
        for (var i = 0; i < 200; i++)
        {
            await ann.InfoAsync(new Element(i % 2 == 0 ? "mute" : "unmute", RtpInfo.Namespace));
            await lab.TickAsync();
        }

        Assert.InRange(bob.States.Count - before, 20, 100); // in ten seconds, and not 200
    }

    [Fact]
    public async Task Beyond_the_slots_speakers_and_pins_decide()
    {
        await using var lab = new CallLab(new FocusAgentOptions { AudioSlots = 3, VideoSlots = 1 });
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync();
        var cid = await new Client(lab, "cid@example.org/web").JoinAsync();
        var dan = await new Client(lab, "dan@example.org/web").JoinAsync();
        await ann.AcceptSlotsAsync();
        Assert.Equal(["a0", "v0", "a1", "a2"], ann.Fed.Keys);
        Assert.Equal(bob.Endpoint.Tracks[1].Id, ann.Fed["v0"]);
        await SpeaksAsync(dan, dan, cid);
        Assert.Equal(dan.Endpoint.Tracks[1].Id, ann.Fed["v0"]);
        await ann.InfoAsync(new Element("view", Ns.WebLeg).Add("pin", p => p.Attr("participant", bob.ParticipantId)));
        Assert.Equal(bob.Endpoint.Tracks[1].Id, ann.Fed["v0"]);
        await ann.InfoAsync(new Element("view", Ns.WebLeg).Add("hide", p => p.Attr("participant", dan.ParticipantId)));
        Assert.Equal(cid.Endpoint.Tracks[1].Id, ann.Fed["v0"]);
        Assert.Single(ann.Endpoint.Forwarders, f => f.Kind == MediaKind.Video); // switched at the relay, nothing renegotiated
        await lab.TickAsync();
        Assert.Equal([(null, "Ann"), (null, "Ann"), ("a0", "Ann"), (null, "Ann"), ("a1", "Ann"), ("v0", "Ann"), ("a2", "Ann"), (null, "Ann")], ann.State.Users.SelectMany(u => u.Media.Select(m => (m.Id, u.DisplayText!))));

        async Task SpeaksAsync(Client speaker, params Client[] recent) =>
            await lab.TellAsync(new SpeakerChanged("e1", lab.Relay.ConferenceOf(speaker.Endpoint.Id), speaker.Endpoint.Id, [.. recent.Select(r => r.Endpoint.Id)]));
    }

    [Fact]
    public async Task Among_sixteen_whoever_speaks_is_heard_and_seen_through_the_same_twelve_slots()
    {
        await using var lab = new CallLab(new FocusAgentOptions { AudioSlots = 12, VideoSlots = 12 });
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var others = new List<Client>();
        for (var i = 0; i < 15; i++) others.Add(await new Client(lab, $"u{i}@example.org/web").JoinAsync(nick: $"U{i}"));
        foreach (var other in others) await other.FlowsAsync();
        await ann.AcceptSlotsAsync();
        Assert.Equal(24, ann.Fed.Count);
        var ssrcs = ann.Endpoint.Forwarders.Select(f => (f.Id, f.Ssrc)).ToHashSet();
        var offers = ann.Of(JingleAction.ContentAdd).Count;
        var recent = new List<Client>();
        foreach (var speaker in others.Concat(others.AsEnumerable().Reverse()))
        {
            recent.Remove(speaker);
            recent.Insert(0, speaker);
            await lab.TellAsync(new SpeakerChanged("e1", lab.Relay.ConferenceOf(ann.Endpoint.Id), speaker.Endpoint.Id, [.. recent.Select(r => r.Endpoint.Id)]));
            foreach (var track in speaker.Endpoint.Tracks)
            {
                var slot = Assert.Single(ann.Endpoint.Forwarders, f => f.SourceTrackId == track.Id);
                // Voice and picture of one person share a CNAME: receivers keep those in step.
                Assert.Equal(ann.Endpoint.Forwarders.Single(f => f.SourceTrackId == speaker.Endpoint.Tracks[0].Id).Cname, slot.Cname);
            }

            Assert.Equal(ann.Endpoint.Forwarders.Count, ann.Endpoint.Forwarders.Select(f => f.SourceTrackId).Distinct().Count());
        }

        Assert.Equal(ssrcs, ann.Endpoint.Forwarders.Select(f => (f.Id, f.Ssrc)).ToHashSet());
        Assert.Equal(offers, ann.Of(JingleAction.ContentAdd).Count);
    }

    [Fact]
    public async Task A_page_that_changes_its_token_over_and_over_leaves_one_behind()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync(token: "token-of-ann-no-00");
        var id = ann.ParticipantId;
        await ann.ConnectedAsync();
        for (var i = 1; i <= 20; i++)
        {
            ann.Sid = $"again-{i}";
            await ann.JoinAsync(token: $"token-of-ann-no-{i:00}");
            await ann.ConnectedAsync();
        }

        Assert.Equal(id, ann.ParticipantId);
        var late = await new Client(lab, "bob@example.org/web").JoinAsync(token: "token-of-ann-no-07"); // forgotten: it is somebody else's now
        Assert.NotEqual(id, late.ParticipantId);
        var back = await new Client(lab, "ann@example.org/other").JoinAsync(token: "token-of-ann-no-20");
        Assert.Equal(id, back.ParticipantId);
    }
}
