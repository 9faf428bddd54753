using NSubstitute;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>A room that calls people: by message, by sessions, and what comes of it.</summary>
public sealed class RingTests : RingTest
{
    [Fact]
    public async Task It_proposes_opens_the_session_with_who_proceeds_and_is_taken()
    {
        var ann = await new Client(Lab, Ann).JoinAsync();
        await CallAsync("dan@example.org");
        var proposal = Lab.Sent.OfType<Message>().Single(m => m.Element.Child("propose", Ns.JingleMessage) is not null);
        Assert.Equal(("chat", Client.RoomAddress + "/focus", "dan@example.org"), (proposal.Type, proposal.From!.ToString(), proposal.To!.ToString()));
        Assert.NotNull(proposal.Element.Child("store", Ns.Hints));
        Assert.Equal(["audio"], Dan.Proposal.Children.Select(d => d["media"]));

        await Dan.SayAsync("ringing");
        await Dan.SayAsync("proceed");
        var initiate = Dan.Initiate;
        Assert.Equal((Dan.Id, Client.RoomAddress + "/focus"), (initiate.Sid, initiate.Initiator!.ToString()));
        var content = Assert.Single(initiate.Contents);
        Assert.Equal((JingleCreator.Initiator, JingleSenders.Both, "actpass"), (content.Creator, content.Senders, content.Transport!.Setup));
        Assert.NotEmpty(content.Transport.Candidates);
        Assert.Empty(content.Description!.Sources);
        Assert.Equal([(111, "opus", 48_000), (110, "telephone-event", 48_000)], content.Description.Payloads.Select(p => (p.Id, p.Name!, p.ClockRate)));
        Assert.Equal(["audio"], initiate.Bundle);
        Assert.Equal((IceRole.Controlling, DtlsRole.Undecided), (Dan.Endpoint.Transports[0].IceRole, Dan.Endpoint.Transports[0].DtlsRole));
        Assert.Empty(Dan.Endpoint.Forwarders);

        Assert.Equal("result", (await Dan.Client.AskAsync(Dan.Accept())).Type);
        Assert.Equal(DtlsRole.Server, Dan.Endpoint.Transports[0].DtlsRole);
        Assert.Equal("danaudio", Dan.Endpoint.Transports[0].Remote!.Ufrag);
        Assert.Equal(ForwarderFeed.Mix, Assert.Single(Dan.Endpoint.Forwarders).Feed);
        Assert.Equal([111], Assert.Single(Dan.Endpoint.Tracks).Payloads.Select(p => p.Number));
        await Dan.ConnectAsync();
        await Lab.TickAsync();
        Assert.Equal(["Ann", "dan"], ann.State.Users.Select(u => u.DisplayText).Order());
        Assert.Equal(["calling", "ringing", "answered"], States());

        // The end is told to both sides' other clients too.
        await Dan.Client.AskAsync(new JingleMessage(JingleAction.SessionTerminate, Dan.Id) { Reason = new JingleReason(JingleCondition.Success) });
        Assert.Equal("finish", Dan.Said[^1].Name);
        Assert.Single(Lab.Relay.Endpoints);
    }

    [Theory]
    [InlineData("reject", "declined")]
    [InlineData("error", "failed")]
    [InlineData("time", "unanswered")]
    [InlineData("left", "cancelled")]
    public async Task What_comes_of_it_is_told(string what, string state)
    {
        var ann = await new Client(Lab, Ann).JoinAsync();
        await CallAsync("dan@example.org");
        var proposal = Lab.Sent.OfType<Message>().Single(m => m.Element.Child("propose", Ns.JingleMessage) is not null);
        switch (what)
        {
            case "reject":
                await Dan.SayAsync("reject");
                break;
            case "error":
                await Lab.SayAsync(proposal.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable)));
                break;
            case "time":
                await Lab.AdvanceAsync(Lab.Options.RingTime);
                break;
            default:
                await ann.EndedAsync(TransportEnd.ClosedByPeer);
                break;
        }

        Assert.Equal(state, States()[^1]);
        // Whoever is not to ring any more is told so.
        Assert.Equal(what is "time" or "left", Dan.Said.Any(s => s.Name == "retract" && s["id"] == Dan.Id && s.Child("reason", Ns.Jingle)!.Child("cancel") is not null));
        await Dan.SayAsync("proceed");
        Assert.Empty(Dan.Client.Of(JingleAction.SessionInitiate));
        Assert.Equal(state, States()[^1]);
        // And may be called again.
        await CallAsync("dan@example.org");
        Assert.Equal(2, Dan.Said.Count(s => s.Name == "propose"));
    }

    [Fact]
    public async Task Who_takes_it_and_never_answers_the_session_is_given_up()
    {
        await CallAsync("dan@example.org");
        await Dan.SayAsync("proceed");
        await Lab.AdvanceAsync(RingDesk.AnswerTime);
        Assert.Equal("failed", States()[^1]);
        Assert.Equal(JingleCondition.Timeout, Assert.Single(Dan.Client.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Equal("finish", Dan.Said[^1].Name);
        Assert.Empty(Lab.Relay.Endpoints);
        Assert.Empty(Lab.Rooms.Rooms);
    }

    [Fact]
    public async Task The_first_client_that_takes_it_has_it()
    {
        await CallAsync("dan@example.org");
        var tablet = new RungPerson(Lab, "dan@example.org/tablet");
        await Dan.SayAsync("proceed");
        await tablet.SayAsync("proceed");
        await tablet.SayAsync("reject");
        Assert.Single(Dan.Client.Of(JingleAction.SessionInitiate));
        Assert.Empty(tablet.Client.Of(JingleAction.SessionInitiate));
        await Dan.Client.AskAsync(Dan.Accept());
        Assert.Equal("answered", States()[^1]);
        // Nobody else speaks for them.
        await new RungPerson(Lab, "eve@example.org/x").SayAsync("reject", Dan.Id);
        Assert.Equal("answered", States()[^1]);
    }

    [Fact]
    public async Task Clients_that_know_no_calls_by_message_are_called_each_and_the_rest_stops_ringing()
    {
        Lists(RungPerson.Plain);
        Has("dan@example.org/one", "dan@example.org/two");
        var (one, two) = (new RungPerson(Lab, "dan@example.org/one"), new RungPerson(Lab, "dan@example.org/two"));
        await CallAsync("dan@example.org");
        Assert.NotEqual(one.Initiate.Sid, two.Initiate.Sid);
        await two.Client.AskAsync(new JingleMessage(JingleAction.SessionInfo, two.Initiate.Sid) { Extras = [new RtpInfo(RtpInfoKind.Ringing).ToElement()] });
        Assert.Equal(["calling", "ringing"], States());
        await two.Client.AskAsync(two.Accept());
        Assert.Equal("answered", States()[^1]);
        Assert.Equal(JingleCondition.Cancel, Assert.Single(one.Client.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Empty(two.Client.Of(JingleAction.SessionTerminate));
        Assert.Equal("retract", one.Said[^1].Name);
        Assert.Single(Lab.Relay.Endpoints);
    }

    [Fact]
    public async Task A_client_that_cannot_take_the_session_does_not_end_the_call_of_the_others()
    {
        Lists(RungPerson.Plain);
        Has("dan@example.org/one", "dan@example.org/two");
        var answer = Lab.Answer;
        Lab.Answer = iq => iq.To == "dan@example.org/one" && iq.Payload!.Is("jingle", Ns.Jingle) ? Task.FromResult((Iq)iq.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable))) : answer(iq);
        await CallAsync("dan@example.org");
        Assert.Single(Lab.Relay.Endpoints);
        Assert.Equal(["calling"], States());
        // One that declines does.
        var two = new RungPerson(Lab, "dan@example.org/two");
        await two.Client.AskAsync(new JingleMessage(JingleAction.SessionTerminate, two.Initiate.Sid) { Reason = new JingleReason(JingleCondition.Decline) });
        Assert.Equal("declined", States()[^1]);
        Assert.Equal("retract", two.Said[^1].Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_calls_the_room_meanwhile_is_let_in_and_no_longer_called(bool byMessage)
    {
        await CallAsync("dan@example.org");
        var caller = new MixedCaller(Lab, "dan@example.org/phone");
        if (byMessage) await Dan.SayAsync("propose", "a-lower-id");
        await caller.CallAsync(null, caller.Audio());
        var retract = Assert.Single(Dan.Said, s => s.Name == "retract");
        Assert.Equal(Dan.Id, retract["id"]);
        Assert.NotNull(retract.Child("tie-break"));
        Assert.NotNull(retract.Child("reason", Ns.Jingle)!.Child("expired"));
        Assert.Equal("came", States()[^1]);
        // Whoever is in is not called.
        Assert.Equal("came", (await CallAsync("dan@example.org")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
    }

    [Fact]
    public async Task Only_those_who_may_call_people_who_may_be_called_and_not_too_often()
    {
        Client.AssertError(StanzaCondition.Forbidden, await CallAsync("dan@example.org", from: "g@guest.example.org/x", kind: SenderKind.Guest));
        Client.AssertError(StanzaCondition.Forbidden, await CallAsync("dan@example.org", from: "eve@elsewhere.example/x", kind: SenderKind.Remote));
        // Strangers on other servers, rooms and guests of this one, and who is not there.
        Lab.Accounts.ExistsAsync("nobody@example.org", Ct).Returns(false);
        foreach (var nobody in new[] { "eve@elsewhere.example", "tea@calls.example.org", "g@guest.example.org", "nobody@example.org" })
            Assert.Equal("failed", (await CallAsync(nobody)).Payload!.Child("call", RingNotes.Namespace)!["state"]);
        Assert.Empty(Lab.Sent.OfType<Message>());
        Assert.Empty(Lab.Rooms.Rooms);
        Lab.Options.RingAnyone = true;
        Assert.Equal("calling", (await CallAsync("eve@elsewhere.example")).Payload!.Child("call", RingNotes.Namespace)!["state"]);

        foreach (var bad in new[] { "", "not an address@", "example.org" }) Client.AssertError(StanzaCondition.BadRequest, await CallAsync(bad));
        Client.AssertError(StanzaCondition.BadRequest, await AskAsync([.. Enumerable.Range(0, RingCommand.MaxCallees + 1).Select(i => $"p{i}@example.org")], false, Ann, SenderKind.Account));

        // One was called; four a minute may be.
        Assert.Equal("result", (await AskAsync(["p1@example.org", "p2@example.org", "p3@example.org", "p1@example.org/x"], false, Ann, SenderKind.Account)).Type);
        var refused = await CallAsync("p4@example.org");
        Client.AssertError(StanzaCondition.ResourceConstraint, refused);
        Assert.Equal("calling", (await CallAsync("p4@example.org", from: "bob@example.org/web")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
        await Lab.AdvanceAsync(TimeSpan.FromSeconds(16));
        Assert.Equal("result", (await CallAsync("p5@example.org")).Type);
        Lab.Options.RingsPerMinute = 0;
        Client.AssertError(StanzaCondition.NotAllowed, await CallAsync("dan@example.org", from: "cem@example.org/web"));
    }

    [Fact]
    public async Task Where_rooms_are_open_to_guests_those_in_the_call_may_call()
    {
        Lab.Options.OpenTo = OpenTo.Guests;
        var guest = new Client(Lab, "g@guest.example.org/web") { Kind = SenderKind.Guest };
        Client.AssertError(StanzaCondition.Forbidden, await CallAsync("dan@example.org", from: "g@guest.example.org/web", kind: SenderKind.Guest));
        await guest.JoinAsync();
        Assert.Equal("result", (await CallAsync("dan@example.org", from: "g@guest.example.org/web", kind: SenderKind.Guest)).Type);
        Assert.NotNull(Dan.Proposal);
        Client.AssertError(StanzaCondition.Forbidden, await CallAsync("dan@example.org", from: "h@guest.example.org/web", kind: SenderKind.Guest));
    }

    [Fact]
    public async Task Into_a_locked_room_moderators_alone_call_and_nobody_whom_one_removed()
    {
        var ann = await new Client(Lab, Ann).JoinAsync();
        await ann.AskAsync(new Element("policy", ModerationNames.Namespace).Attr("locked", "true"));
        Assert.Equal("barred", (await CallAsync("dan@example.org", from: "eve@example.org/web")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
        Assert.Empty(Dan.Said);
        Assert.Equal("calling", (await CallAsync("dan@example.org")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
        await Dan.SayAsync("proceed");
        await Dan.Client.AskAsync(Dan.Accept());
        await Dan.ConnectAsync();

        await Lab.TickAsync();
        var id = ann.State.Users.Single(u => u.DisplayText == "dan").Endpoint;
        Assert.Equal("result", (await ann.AskAsync(new Element("moderate", ModerationNames.Namespace).Add("kick", k => k.Attr("participant", id)))).Type);
        Assert.Single(Lab.Relay.Endpoints);
        Assert.Equal("barred", (await CallAsync("dan@example.org")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
    }

    // It rings at once, and what holds then need not hold when it is taken.
    [Theory]
    [InlineData("locked")]
    [InlineData("members-only")]
    [InlineData("password")]
    [InlineData("lobby")]
    public async Task What_is_set_while_it_rings_holds_for_whoever_is_called_unless_a_moderator_called_them(string what)
    {
        var ann = await new Client(Lab, Ann).JoinAsync();
        var ben = await new Client(Lab, "ben@example.org/web").JoinAsync();
        var eve = new RungPerson(Lab, "eve@example.org/phone");
        await CallAsync("dan@example.org", from: ben.Jid.ToString());
        await CallAsync("eve@example.org");
        await Dan.SayAsync("proceed");
        Assert.Equal(3, Lab.Relay.Endpoints.Count);
        var policy = new Element("policy", ModerationNames.Namespace);
        Assert.Equal("result", (await ann.AskAsync(what == "password" ? policy.Add("password", p => p.Text("open sesame")) : policy.Attr(what, "true"))).Type);
        Assert.Equal("finish", Dan.Said[^1].Name);
        Assert.Equal(2, Lab.Relay.Endpoints.Count);
        Client.AssertError(StanzaCondition.ItemNotFound, await Dan.Client.AskAsync(Dan.Accept()));
        Assert.Equal("barred", Lab.Sent.OfType<Message>().Last(m => m.To == ben.Jid && m.Type == "headline").Element.Child("call", RingNotes.Namespace)!["state"]);

        await eve.SayAsync("proceed");
        Assert.Equal("result", (await eve.Client.AskAsync(eve.Accept())).Type);
        Assert.Equal(3, Lab.Relay.Endpoints.Count);
    }

    [Fact]
    public async Task Without_a_mixer_nobody_is_called()
    {
        Lab.Relay.Capabilities = Lab.Relay.Capabilities with { HasMixer = false };
        Assert.Equal("failed", (await CallAsync("dan@example.org")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
        Assert.Empty(Lab.Sent.OfType<Message>());
    }

    [Fact]
    public async Task The_command_is_found_asks_and_is_left()
    {
        Assert.Contains(Lab.Component.Items(Client.RoomAddress, Commands), i => i.Node == RingCommand.Node);
        Assert.DoesNotContain(Lab.Component.Items("calls.example.org", Commands), i => i.Node == RingCommand.Node);
        Assert.Equal("command-node", Lab.Component.Describe(Client.RoomAddress, RingCommand.Node)!.Identities[0].Type);
        var form = (await CommandAsync(new Element("command", Commands).Attr("node", RingCommand.Node), Ann, SenderKind.Account)).Payload!;
        Assert.Equal("executing", form["status"]);
        Assert.Equal(["jid-multi", "boolean"], form.Child("x", "jabber:x:data")!.ChildrenNamed("field", "jabber:x:data").Select(f => f["type"]).Where(t => t != "hidden"));
        var left = (await CommandAsync(new Element("command", Commands).Attr("node", RingCommand.Node).Attr("action", "cancel").Attr("sessionid", form["sessionid"]), Ann, SenderKind.Account)).Payload!;
        Assert.Equal(("canceled", form["sessionid"]), (left["status"], left["sessionid"]));
        Client.AssertError(StanzaCondition.BadRequest, await CommandAsync(new Element("command", Commands).Attr("node", RingCommand.Node).Attr("action", "prev"), Ann, SenderKind.Account));
    }
}
