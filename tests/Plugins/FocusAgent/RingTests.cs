using NSubstitute;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>A room that calls people (docs/legs/mixed.md): by message, by sessions, and what comes of it.</summary>
public sealed class RingTests : IAsyncLifetime
{
    private const string Ann = "ann@example.org/web", Commands = "http://jabber.org/protocol/commands";
    private readonly CallLab _lab = new(new FocusAgentOptions { RingsPerMinute = 4 });
    private readonly RungPerson _dan;

    public RingTests()
    {
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true };
        _dan = new RungPerson(_lab, "dan@example.org/phone");
    }

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task It_proposes_opens_the_session_with_who_proceeds_and_is_taken()
    {
        var ann = await new Client(_lab, Ann).JoinAsync();
        await CallAsync("dan@example.org");
        var proposal = _lab.Sent.OfType<Message>().Single(m => m.Element.Child("propose", Ns.JingleMessage) is not null);
        Assert.Equal(("chat", Client.RoomAddress + "/focus", "dan@example.org"), (proposal.Type, proposal.From!.ToString(), proposal.To!.ToString()));
        Assert.NotNull(proposal.Element.Child("store", Ns.Hints));
        Assert.Equal(["audio"], _dan.Proposal.Children.Select(d => d["media"]));

        await _dan.SayAsync("ringing");
        await _dan.SayAsync("proceed");
        var initiate = _dan.Initiate;
        Assert.Equal((_dan.Id, Client.RoomAddress + "/focus"), (initiate.Sid, initiate.Initiator!.ToString()));
        var content = Assert.Single(initiate.Contents);
        Assert.Equal((JingleCreator.Initiator, JingleSenders.Both, "actpass"), (content.Creator, content.Senders, content.Transport!.Setup));
        Assert.NotEmpty(content.Transport.Candidates);
        Assert.Empty(content.Description!.Sources);
        Assert.Equal([(111, "opus", 48_000), (110, "telephone-event", 48_000)], content.Description.Payloads.Select(p => (p.Id, p.Name!, p.ClockRate)));
        Assert.Equal(["audio"], initiate.Bundle);
        Assert.Equal((IceRole.Controlling, DtlsRole.Undecided), (_dan.Endpoint.Transports[0].IceRole, _dan.Endpoint.Transports[0].DtlsRole));
        Assert.Empty(_dan.Endpoint.Forwarders);

        Assert.Equal("result", (await _dan.Client.AskAsync(_dan.Accept())).Type);
        Assert.Equal(DtlsRole.Server, _dan.Endpoint.Transports[0].DtlsRole);
        Assert.Equal("danaudio", _dan.Endpoint.Transports[0].Remote!.Ufrag);
        Assert.Equal(ForwarderFeed.Mix, Assert.Single(_dan.Endpoint.Forwarders).Feed);
        Assert.Equal([111], Assert.Single(_dan.Endpoint.Tracks).Payloads.Select(p => p.Number));
        await _dan.ConnectAsync();
        await _lab.TickAsync();
        Assert.Equal(["Ann", "dan"], ann.State.Users.Select(u => u.DisplayText).Order());
        Assert.Equal(["calling", "ringing", "answered"], States());

        // The end is told to both sides' other clients too.
        await _dan.Client.AskAsync(new JingleMessage(JingleAction.SessionTerminate, _dan.Id) { Reason = new JingleReason(JingleCondition.Success) });
        Assert.Equal("finish", _dan.Said[^1].Name);
        Assert.Single(_lab.Relay.Endpoints);
    }

    [Fact]
    public async Task Video_is_bundled_and_sources_are_told_where_the_client_knows_these()
    {
        Lists(Ns.JingleGrouping, Ns.JingleSsma);
        await CallAsync("dan@example.org", video: true);
        Assert.Equal(["audio", "video"], _dan.Proposal.Children.Select(d => d["media"]));
        await _dan.SayAsync("proceed");
        var initiate = _dan.Initiate;
        Assert.Equal(["audio", "video"], initiate.Bundle);
        Assert.Equal(initiate.Contents[0].Transport!.Ufrag, initiate.Contents[1].Transport!.Ufrag);
        await _dan.Client.AskAsync(_dan.Accept("passive", isBundled: true));
        var endpoint = _dan.Endpoint;
        Assert.Equal(DtlsRole.Client, Assert.Single(endpoint.Transports).DtlsRole);
        Assert.Equal([ForwarderFeed.Mix, ForwarderFeed.Speaker], endpoint.Forwarders.Select(f => f.Feed));
        Assert.Equal(initiate.Contents.Select(c => c.Description!.Sources[0].Ssrc), endpoint.Forwarders.Select(f => f.Ssrc));
    }

    [Fact]
    public async Task Without_bundle_each_content_has_a_transport_and_a_camera_may_come_later()
    {
        await CallAsync("dan@example.org", video: true);
        await _dan.SayAsync("proceed");
        Assert.NotEqual(_dan.Initiate.Contents[0].Transport!.Ufrag, _dan.Initiate.Contents[1].Transport!.Ufrag);
        var accept = _dan.Accept();
        // It takes the voice alone.
        await _dan.Client.AskAsync(accept with { Contents = [accept.Contents[0]] });
        Assert.Equal(["t0"], _dan.Endpoint.Transports.Select(t => t.Id));

        // Dino calls every content the initiator's, whoever that is.
        var camera = accept.Contents[1] with { Name = "camera", Senders = JingleSenders.Responder, Transport = _dan.Transport("w", "actpass") };
        Assert.Equal("result", (await _dan.Client.AskAsync(new JingleMessage(JingleAction.ContentAdd, _dan.Id) { Contents = [camera] })).Type);
        Assert.Equal("camera", Assert.Single(_dan.Client.Of(JingleAction.ContentAccept)).Contents[0].Name);
        Assert.Equal(2, _dan.Endpoint.Tracks.Count);
        Assert.Single(_dan.Endpoint.Forwarders);
    }

    // The Conversations family bundles whatever is offered so, and lists neither XEP-0338 nor the RFC.
    [Fact]
    public async Task Who_bundles_without_saying_so_before_has_one_transport()
    {
        await CallAsync("dan@example.org", video: true);
        await _dan.SayAsync("proceed");
        Assert.Equal(["audio", "video"], _dan.Initiate.Bundle);
        Assert.NotEqual(_dan.Initiate.Contents[0].Transport!.Ufrag, _dan.Initiate.Contents[1].Transport!.Ufrag);
        Assert.Equal(2, _dan.Endpoint.Transports.Count);

        Assert.Equal("result", (await _dan.Client.AskAsync(_dan.Accept(isBundled: true))).Type);
        var endpoint = _dan.Endpoint;
        Assert.Equal(("t0", "danb"), (Assert.Single(endpoint.Transports).Id, endpoint.Transports[0].Remote!.Ufrag));
        Assert.Equal(["t0", "t0"], endpoint.Tracks.Select(t => t.TransportId));
        Assert.Equal(["t0", "t0"], endpoint.Forwarders.Select(f => f.TransportId));

        // An ICE restart names both contents; one answer, with candidates, is for both.
        var restart = new JingleMessage(JingleAction.TransportInfo, _dan.Id)
        {
            Contents = [.. _dan.Initiate.Contents.Select(c => new JingleContent(JingleCreator.Initiator, c.Name) { Transport = new IceUdpTransport { Ufrag = "anew", Password = "0123456789012345678901" } })],
        };
        Assert.Equal("result", (await _dan.Client.AskAsync(restart)).Type);
        await _lab.TickAsync();
        Assert.NotEmpty(Assert.Single(Assert.Single(_dan.Client.Of(JingleAction.TransportInfo)).Contents).Transport!.Candidates);
    }

    // Whichever the answer names first has the transport that stays, and what is bundled with it need not repeat it.
    [Fact]
    public async Task The_first_of_the_answers_group_has_the_transport()
    {
        await CallAsync("dan@example.org", video: true);
        await _dan.SayAsync("proceed");
        var accept = _dan.Accept();
        accept = accept with { Contents = [accept.Contents[0] with { Transport = new IceUdpTransport() }, accept.Contents[1]], Groups = [new JingleGroup("BUNDLE", ["video", "audio"])] };
        Assert.Equal("result", (await _dan.Client.AskAsync(accept)).Type);
        Assert.Equal(("t1", "danvideo"), (Assert.Single(_dan.Endpoint.Transports).Id, _dan.Endpoint.Transports[0].Remote!.Ufrag));
        Assert.Equal(["t1", "t1"], _dan.Endpoint.Tracks.Select(t => t.TransportId));
    }

    // As Conversations adds its camera to a call by voice: the initiator's content, whoever that is, on a transport that it leaves empty.
    [Fact]
    public async Task Who_bundles_adds_a_camera_on_the_same_transport()
    {
        await CallAsync("dan@example.org");
        await _dan.SayAsync("proceed");
        await _dan.Client.AskAsync(_dan.Accept(isBundled: true));
        var camera = new JingleContent(JingleCreator.Initiator, "1")
        {
            Description = new RtpDescription("video") { Payloads = [new RtpPayload(98, "VP8", 90000, 1, [], [])], RtcpMux = true },
            Transport = new IceUdpTransport(),
        };
        var add = new JingleMessage(JingleAction.ContentAdd, _dan.Id) { Contents = [camera], Groups = [new JingleGroup("BUNDLE", ["audio", "1"])] };
        Assert.Equal("result", (await _dan.Client.AskAsync(add)).Type);

        var accept = Assert.Single(_dan.Client.Of(JingleAction.ContentAccept));
        Assert.Equal(["audio", "1"], accept.Bundle);
        var content = Assert.Single(accept.Contents);
        Assert.Equal((JingleCreator.Initiator, "1", JingleSenders.Both, "video"), (content.Creator, content.Name, content.Senders, content.Description!.Media));
        Assert.NotNull(content.Transport);
        Assert.Equal("t0", Assert.Single(_dan.Endpoint.Transports).Id);
        Assert.Equal(["t0", "t0"], _dan.Endpoint.Forwarders.Select(f => f.TransportId));
    }

    [Theory]
    [InlineData("reject", "declined")]
    [InlineData("error", "failed")]
    [InlineData("time", "unanswered")]
    [InlineData("left", "cancelled")]
    public async Task What_comes_of_it_is_told(string what, string state)
    {
        var ann = await new Client(_lab, Ann).JoinAsync();
        await CallAsync("dan@example.org");
        var proposal = _lab.Sent.OfType<Message>().Single(m => m.Element.Child("propose", Ns.JingleMessage) is not null);
        switch (what)
        {
            case "reject":
                await _dan.SayAsync("reject");
                break;
            case "error":
                await _lab.SayAsync(proposal.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable)));
                break;
            case "time":
                await _lab.AdvanceAsync(_lab.Options.RingTime);
                break;
            default:
                await ann.EndedAsync(TransportEnd.ClosedByPeer);
                break;
        }

        Assert.Equal(state, States()[^1]);
        // Whoever is not to ring any more is told so.
        Assert.Equal(what is "time" or "left", _dan.Said.Any(s => s.Name == "retract" && s["id"] == _dan.Id && s.Child("reason", Ns.Jingle)!.Child("cancel") is not null));
        await _dan.SayAsync("proceed");
        Assert.Empty(_dan.Client.Of(JingleAction.SessionInitiate));
        Assert.Equal(state, States()[^1]);
        // And may be called again.
        await CallAsync("dan@example.org");
        Assert.Equal(2, _dan.Said.Count(s => s.Name == "propose"));
    }

    [Fact]
    public async Task Who_takes_it_and_never_answers_the_session_is_given_up()
    {
        await CallAsync("dan@example.org");
        await _dan.SayAsync("proceed");
        await _lab.AdvanceAsync(RingDesk.AnswerTime);
        Assert.Equal("failed", States()[^1]);
        Assert.Equal(JingleCondition.Timeout, Assert.Single(_dan.Client.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Equal("finish", _dan.Said[^1].Name);
        Assert.Empty(_lab.Relay.Endpoints);
        Assert.Empty(_lab.Rooms.Rooms);
    }

    [Fact]
    public async Task The_first_client_that_takes_it_has_it()
    {
        await CallAsync("dan@example.org");
        var tablet = new RungPerson(_lab, "dan@example.org/tablet");
        await _dan.SayAsync("proceed");
        await tablet.SayAsync("proceed");
        await tablet.SayAsync("reject");
        Assert.Single(_dan.Client.Of(JingleAction.SessionInitiate));
        Assert.Empty(tablet.Client.Of(JingleAction.SessionInitiate));
        await _dan.Client.AskAsync(_dan.Accept());
        Assert.Equal("answered", States()[^1]);
        // Nobody else speaks for them.
        await new RungPerson(_lab, "eve@example.org/x").SayAsync("reject", _dan.Id);
        Assert.Equal("answered", States()[^1]);
    }

    [Fact]
    public async Task Clients_that_know_no_calls_by_message_are_called_each_and_the_rest_stops_ringing()
    {
        Lists(RungPerson.Plain);
        Has("dan@example.org/one", "dan@example.org/two");
        var (one, two) = (new RungPerson(_lab, "dan@example.org/one"), new RungPerson(_lab, "dan@example.org/two"));
        await CallAsync("dan@example.org");
        Assert.NotEqual(one.Initiate.Sid, two.Initiate.Sid);
        await two.Client.AskAsync(new JingleMessage(JingleAction.SessionInfo, two.Initiate.Sid) { Extras = [new RtpInfo(RtpInfoKind.Ringing).ToElement()] });
        Assert.Equal(["calling", "ringing"], States());
        await two.Client.AskAsync(two.Accept());
        Assert.Equal("answered", States()[^1]);
        Assert.Equal(JingleCondition.Cancel, Assert.Single(one.Client.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Empty(two.Client.Of(JingleAction.SessionTerminate));
        Assert.Equal("retract", one.Said[^1].Name);
        Assert.Single(_lab.Relay.Endpoints);
    }

    [Fact]
    public async Task A_client_that_cannot_take_the_session_does_not_end_the_call_of_the_others()
    {
        Lists(RungPerson.Plain);
        Has("dan@example.org/one", "dan@example.org/two");
        var answer = _lab.Answer;
        _lab.Answer = iq => iq.To == "dan@example.org/one" && iq.Payload!.Is("jingle", Ns.Jingle) ? Task.FromResult((Iq)iq.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable))) : answer(iq);
        await CallAsync("dan@example.org");
        Assert.Single(_lab.Relay.Endpoints);
        Assert.Equal(["calling"], States());
        // One that declines does.
        var two = new RungPerson(_lab, "dan@example.org/two");
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
        var caller = new MixedCaller(_lab, "dan@example.org/phone");
        if (byMessage) await _dan.SayAsync("propose", "a-lower-id");
        await caller.CallAsync(null, caller.Audio());
        var retract = Assert.Single(_dan.Said, s => s.Name == "retract");
        Assert.Equal(_dan.Id, retract["id"]);
        Assert.NotNull(retract.Child("tie-break"));
        Assert.NotNull(retract.Child("reason", Ns.Jingle)!.Child("expired"));
        Assert.Equal("came", States()[^1]);
        // Whoever is in is not called.
        Assert.Equal("came", (await CallAsync("dan@example.org")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
    }

    [Theory]
    [InlineData("candidates")]
    [InlineData("credentials")]
    [InlineData("role")]
    [InlineData("codec")]
    public async Task A_bad_answer_is_refused(string what)
    {
        await CallAsync("dan@example.org");
        await _dan.SayAsync("proceed");
        var good = _dan.Accept().Contents[0];
        var bad = what switch
        {
            "candidates" => good with { Transport = null },
            "credentials" => good with { Transport = good.Transport! with { Ufrag = "a:b" } },
            "role" => good with { Transport = _dan.Transport("audio", "actpass") },
            _ => good with { Description = good.Description! with { Payloads = [new RtpPayload(8, "PCMA", 8000, 1, [], [])] } },
        };
        var answer = await _dan.Client.AskAsync(new JingleMessage(JingleAction.SessionAccept, _dan.Id) { Contents = [bad] });
        if (what == "codec")
        {
            Assert.Equal(JingleCondition.IncompatibleParameters, Assert.Single(_dan.Client.Of(JingleAction.SessionTerminate)).Reason!.Condition);
            Assert.Equal("failed", States()[^1]);
            return;
        }

        Client.AssertError(StanzaCondition.BadRequest, answer);
        Client.AssertError(StanzaCondition.UnexpectedRequest, await _dan.Client.AskAsync(new JingleMessage(JingleAction.ContentAdd, _dan.Id) { Contents = [good] }));
        // A good one still counts, and a second does not.
        Assert.Equal("result", (await _dan.Client.AskAsync(_dan.Accept())).Type);
        Client.AssertError(StanzaCondition.UnexpectedRequest, await _dan.Client.AskAsync(_dan.Accept()));
    }

    [Fact]
    public async Task Only_those_who_may_call_people_who_may_be_called_and_not_too_often()
    {
        Client.AssertError(StanzaCondition.Forbidden, await CallAsync("dan@example.org", from: "g@guest.example.org/x", kind: SenderKind.Guest));
        Client.AssertError(StanzaCondition.Forbidden, await CallAsync("dan@example.org", from: "eve@elsewhere.example/x", kind: SenderKind.Remote));
        // Strangers on other servers, rooms and guests of this one, and who is not there.
        _lab.Accounts.ExistsAsync("nobody@example.org", Ct).Returns(false);
        foreach (var nobody in new[] { "eve@elsewhere.example", "tea@calls.example.org", "g@guest.example.org", "nobody@example.org" })
            Assert.Equal("failed", (await CallAsync(nobody)).Payload!.Child("call", RingNotes.Namespace)!["state"]);
        Assert.Empty(_lab.Sent.OfType<Message>());
        Assert.Empty(_lab.Rooms.Rooms);
        _lab.Options.RingAnyone = true;
        Assert.Equal("calling", (await CallAsync("eve@elsewhere.example")).Payload!.Child("call", RingNotes.Namespace)!["state"]);

        foreach (var bad in new[] { "", "not an address@", "example.org" }) Client.AssertError(StanzaCondition.BadRequest, await CallAsync(bad));
        Client.AssertError(StanzaCondition.BadRequest, await AskAsync([.. Enumerable.Range(0, RingCommand.MaxCallees + 1).Select(i => $"p{i}@example.org")], false, Ann, SenderKind.Account));

        // One was called; four a minute may be.
        Assert.Equal("result", (await AskAsync(["p1@example.org", "p2@example.org", "p3@example.org", "p1@example.org/x"], false, Ann, SenderKind.Account)).Type);
        var refused = await CallAsync("p4@example.org");
        Client.AssertError(StanzaCondition.ResourceConstraint, refused);
        Assert.Equal("calling", (await CallAsync("p4@example.org", from: "bob@example.org/web")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
        await _lab.AdvanceAsync(TimeSpan.FromSeconds(16));
        Assert.Equal("result", (await CallAsync("p5@example.org")).Type);
        _lab.Options.RingsPerMinute = 0;
        Client.AssertError(StanzaCondition.NotAllowed, await CallAsync("dan@example.org", from: "cem@example.org/web"));
    }

    [Fact]
    public async Task Where_rooms_are_open_to_guests_those_in_the_call_may_call()
    {
        _lab.Options.OpenTo = OpenTo.Guests;
        var guest = new Client(_lab, "g@guest.example.org/web") { Kind = SenderKind.Guest };
        Client.AssertError(StanzaCondition.Forbidden, await CallAsync("dan@example.org", from: "g@guest.example.org/web", kind: SenderKind.Guest));
        await guest.JoinAsync();
        Assert.Equal("result", (await CallAsync("dan@example.org", from: "g@guest.example.org/web", kind: SenderKind.Guest)).Type);
        Assert.NotNull(_dan.Proposal);
        Client.AssertError(StanzaCondition.Forbidden, await CallAsync("dan@example.org", from: "h@guest.example.org/web", kind: SenderKind.Guest));
    }

    [Fact]
    public async Task Into_a_locked_room_moderators_alone_call_and_nobody_whom_one_removed()
    {
        var ann = await new Client(_lab, Ann).JoinAsync();
        await ann.AskAsync(new Element("policy", ModerationNames.Namespace).Attr("locked", "true"));
        Assert.Equal("barred", (await CallAsync("dan@example.org", from: "eve@example.org/web")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
        Assert.Empty(_dan.Said);
        Assert.Equal("calling", (await CallAsync("dan@example.org")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
        await _dan.SayAsync("proceed");
        await _dan.Client.AskAsync(_dan.Accept());
        await _dan.ConnectAsync();

        await _lab.TickAsync();
        var id = ann.State.Users.Single(u => u.DisplayText == "dan").Endpoint;
        Assert.Equal("result", (await ann.AskAsync(new Element("moderate", ModerationNames.Namespace).Add("kick", k => k.Attr("participant", id)))).Type);
        Assert.Single(_lab.Relay.Endpoints);
        Assert.Equal("barred", (await CallAsync("dan@example.org")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
    }

    // It rings at once, and what holds then need not hold when it is taken.
    [Theory]
    [InlineData("locked")]
    [InlineData("members-only")]
    [InlineData("lobby")]
    public async Task What_is_set_while_it_rings_holds_for_whoever_is_called_unless_a_moderator_called_them(string what)
    {
        var ann = await new Client(_lab, Ann).JoinAsync();
        var ben = await new Client(_lab, "ben@example.org/web").JoinAsync();
        var eve = new RungPerson(_lab, "eve@example.org/phone");
        await CallAsync("dan@example.org", from: ben.Jid.ToString());
        await CallAsync("eve@example.org");
        await _dan.SayAsync("proceed");
        Assert.Equal(3, _lab.Relay.Endpoints.Count);
        Assert.Equal("result", (await ann.AskAsync(new Element("policy", ModerationNames.Namespace).Attr(what, "true"))).Type);
        Assert.Equal("finish", _dan.Said[^1].Name);
        Assert.Equal(2, _lab.Relay.Endpoints.Count);
        Client.AssertError(StanzaCondition.ItemNotFound, await _dan.Client.AskAsync(_dan.Accept()));
        Assert.Equal("barred", _lab.Sent.OfType<Message>().Last(m => m.To == ben.Jid && m.Type == "headline").Element.Child("call", RingNotes.Namespace)!["state"]);

        await eve.SayAsync("proceed");
        Assert.Equal("result", (await eve.Client.AskAsync(eve.Accept())).Type);
        Assert.Equal(3, _lab.Relay.Endpoints.Count);
    }

    [Fact]
    public async Task Without_a_mixer_nobody_is_called()
    {
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = false };
        Assert.Equal("failed", (await CallAsync("dan@example.org")).Payload!.Child("call", RingNotes.Namespace)!["state"]);
        Assert.Empty(_lab.Sent.OfType<Message>());
    }

    [Fact]
    public async Task The_command_is_found_asks_and_is_left()
    {
        Assert.Contains(_lab.Component.Items(Client.RoomAddress, Commands), i => i.Node == RingCommand.Node);
        Assert.DoesNotContain(_lab.Component.Items("calls.example.org", Commands), i => i.Node == RingCommand.Node);
        Assert.Equal("command-node", _lab.Component.Describe(Client.RoomAddress, RingCommand.Node)!.Identities[0].Type);
        var form = (await CommandAsync(new Element("command", Commands).Attr("node", RingCommand.Node), Ann, SenderKind.Account)).Payload!;
        Assert.Equal("executing", form["status"]);
        Assert.Equal(["jid-multi", "boolean"], form.Child("x", "jabber:x:data")!.ChildrenNamed("field", "jabber:x:data").Select(f => f["type"]).Where(t => t != "hidden"));
        var left = (await CommandAsync(new Element("command", Commands).Attr("node", RingCommand.Node).Attr("action", "cancel").Attr("sessionid", form["sessionid"]), Ann, SenderKind.Account)).Payload!;
        Assert.Equal(("canceled", form["sessionid"]), (left["status"], left["sessionid"]));
        Client.AssertError(StanzaCondition.BadRequest, await CommandAsync(new Element("command", Commands).Attr("node", RingCommand.Node).Attr("action", "prev"), Ann, SenderKind.Account));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // What Ann was told, in order.
    private List<string> States() => [.. _lab.Sent.OfType<Message>().Where(m => m.To == Ann && m.Type == "headline").Select(m => m.Element.Child("call", RingNotes.Namespace)!["state"]!).Prepend("calling")];

    private void Lists(params string[] features) => _lab.Answer = iq =>
        Task.FromResult(iq.Result(iq.Payload!.Is("query", Ns.DiscoInfo) ? new Element("query", Ns.DiscoInfo).Add(features.Select(f => new Element("feature", Ns.DiscoInfo).Attr("var", f))) : null));

    private void Has(params string[] clients)
    {
        var sessions = clients.Select(c =>
        {
            var session = Substitute.For<ISession>();
            session.Jid.Returns((Jid)c);
            session.IsAvailable.Returns(true);
            return session;
        }).ToList();
        _lab.Sessions.Of(default!).ReturnsForAnyArgs(sessions);
    }

    private Task<Iq> CallAsync(string who, bool video = false, string from = Ann, SenderKind kind = SenderKind.Account) => AskAsync([who], video, from, kind);

    private Task<Iq> AskAsync(string[] who, bool video, string from, SenderKind kind)
    {
        var form = new Element("x", "jabber:x:data").Attr("type", "submit")
            .Add("field", f => f.Attr("var", "who").Add(who.Select(w => new Element("value", "jabber:x:data").Text(w))))
            .Add("field", f => f.Attr("var", "video").Add("value", v => v.Text(video ? "1" : "0")));
        return CommandAsync(new Element("command", Commands).Attr("node", RingCommand.Node).Add(form), from, kind);
    }

    private async Task<Iq> CommandAsync(Element command, string from, SenderKind kind)
    {
        var reply = await _lab.Commands.HandleAsync(new IqRequest(Iq.Request("set", "1", from, Client.RoomAddress, command), new SenderInfo(kind, "s1"), "example.org"), Ct);
        await _lab.SettleAsync();
        return reply.Iq!;
    }
}
