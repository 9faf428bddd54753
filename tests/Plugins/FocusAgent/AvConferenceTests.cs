using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Legs.AvConference;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

public sealed class AvConferenceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_is_answered_by_the_text(bool isBundling)
    {
        await using var lab = new CallLab();
        var ray = await new AvClient(lab, "ray@example.org/av", isBundling).JoinAsync();
        var accept = ray.Wire.Of(JingleAction.SessionAccept)[0];
        Assert.Equal((ray.Wire.Room, "true"), (accept.Responder, accept.Extra("conference-info", Ns.Coin)!["isfocus"]));
        Assert.Equal(["video0", "audio1"], accept.Contents.Select(c => c.Name));
        Assert.Equal(isBundling ? ["video0", "audio1"] : null, accept.Bundle);
        Assert.Equal([120, 99], accept.Contents.SelectMany(c => c.Description!.Payloads).Select(p => p.Id));
        Assert.Equal(["nack", "nack pli", "goog-remb"], accept.Contents[0].Description!.Payloads[0].Feedback.Select(f => f.ToString()));
        Assert.All(accept.Contents, c => Assert.Equal((7, FakeRelay.Mid), Assert.Single(c.Description!.Extensions.Select(x => (x.Id, x.Uri)))));
        Assert.Equal(isBundling ? 1 : 2, accept.Contents.Select(c => c.Transport!.Ufrag).Distinct().Count());
        Assert.Equal(isBundling ? 1 : 2, ray.Endpoint.Transports.Count);
        Assert.Equal([(12u, null), (11u, null)], ray.Endpoint.Tracks.Select(t => (t.Ssrc!.Value, t.RtxSsrc)));
        Assert.Equal("xmpp:tea@calls.example.org", (await TellAsync(lab, ray)).Entity); // it is told who is there, as the page is
        Assert.Empty(ray.Streams); // no echo
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_is_called_once_for_each_remote_stream_and_is_seen_itself(bool isBundling)
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var ray = await new AvClient(lab, "ray@example.org/av", isBundling).JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync("firefox");
        Assert.Equal(["xmpp:ann@example.org", "xmpp:bob@example.org"], ray.Streams.Select(s => s.Extra("conference-info", Ns.Coin)!.Child("users")!.Child("user")!["entity"]));
        var stream = ray.Streams[0];
        Assert.Equal(ray.Wire.Room, stream.Initiator);
        Assert.All(stream.Contents, c => Assert.Equal((JingleCreator.Initiator, JingleSenders.Initiator, "actpass"), (c.Creator, c.Senders, c.Transport!.Setup)));
        Assert.Equal([99, 120], stream.Contents.SelectMany(c => c.Description!.Payloads).Select(p => p.Id)); // its own numbers, no RTX
        Assert.Equal(isBundling ? ["0", "1"] : null, stream.Bundle);
        Assert.Equal(isBundling ? 1 : 2, stream.Contents.Select(c => c.Transport!.Ufrag).Distinct().Count());
        Assert.All(ray.Endpoint.Transports.Where(t => t.Id[0] == 's'), t => Assert.Equal((IceRole.Controlling, DtlsRole.Undecided, (RemoteTransport?)null), (t.IceRole, t.DtlsRole, t.Remote)));
        Assert.Empty(ray.Endpoint.Forwarders);

        foreach (var s in ray.Streams) Assert.Equal("result", (await ray.AcceptAsync(s)).Type);
        Assert.Equal([.. ann.Endpoint.Tracks.Concat(bob.Endpoint.Tracks).Select(t => t.Id)], ray.Endpoint.Forwarders.Select(f => f.SourceTrackId!));
        Assert.All(ray.Endpoint.Forwarders, f => Assert.Null(f.RtxSsrc));
        Assert.All(ray.Endpoint.Transports.Where(t => t.Id[0] == 's'), t => Assert.Equal(DtlsRole.Server, t.DtlsRole));
        Assert.Equal(stream.Contents.Select(c => c.Description!.Sources[0].Ssrc), ray.Endpoint.Forwarders.Take(2).Select(f => f.Ssrc));
        Assert.Equal(2, ray.Endpoint.Forwarders.Select(f => f.Cname).Distinct().Count()); // one name a person

        await ann.AcceptSlotsAsync();
        Assert.Superset(ray.Endpoint.Tracks.Select(t => (string?)t.Id).ToHashSet(), ann.Fed.Values.ToHashSet());
        await bob.EndedAsync();
        Assert.Equal((ray.Streams[1].Sid, JingleCondition.Success), (ray.Wire.Of(JingleAction.SessionTerminate)[0].Sid, ray.Wire.Of(JingleAction.SessionTerminate)[0].Reason!.Condition));
        Assert.Equal(2, ray.Endpoint.Forwarders.Count);
        Assert.DoesNotContain(ray.Endpoint.Transports, t => t.Id.StartsWith("s1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_is_never_answered_gives_its_transport_back()
    {
        await using var lab = new CallLab();
        var ann = await new AvClient(lab, "ann@example.org/av", isBundling: true).JoinAsync();
        await new Client(lab, "bob@example.org/web").JoinAsync(nick: "Bob");
        await lab.SettleAsync();
        var offered = Assert.Single(ann.Streams);
        Assert.Equal(2, ann.Endpoint.Transports.Count); // its own and the stream's
        await lab.AdvanceAsync(AvConferenceLeg.AnswerTime - TimeSpan.FromSeconds(1));
        Assert.Equal(2, ann.Endpoint.Transports.Count);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Single(ann.Endpoint.Transports);
        var over = Assert.Single(ann.Wire.Of(JingleAction.SessionTerminate));
        Assert.Equal((offered.Sid, JingleCondition.Timeout), (over.Sid, over.Reason!.Condition));
        Client.AssertError(StanzaCondition.ItemNotFound, await ann.AcceptAsync(offered)); // too late
        await lab.AdvanceAsync(AvConferenceLeg.AnswerTime);
        Assert.Single(ann.Streams); // and it is not asked again
    }

    [Fact]
    public async Task A_stream_that_is_answered_in_time_stays()
    {
        await using var lab = new CallLab();
        var ann = await new AvClient(lab, "ann@example.org/av", isBundling: true).JoinAsync();
        await new Client(lab, "bob@example.org/web").JoinAsync(nick: "Bob");
        Assert.Equal("result", (await ann.AcceptAsync(Assert.Single(ann.Streams))).Type);
        await lab.AdvanceAsync(AvConferenceLeg.AnswerTime);
        Assert.Equal(2, ann.Endpoint.Transports.Count);
        Assert.Empty(ann.Wire.Of(JingleAction.SessionTerminate));
    }

    [Fact]
    public async Task A_client_that_takes_the_bundle_apart_is_asked_again_without()
    {
        await using var lab = new CallLab();
        await new Client(lab, "ann@example.org/web").JoinAsync();
        var ray = await new AvClient(lab, "ray@example.org/av", true).JoinAsync();
        await ray.AcceptAsync(ray.Streams[0], bundle: false);
        Assert.Equal(ray.Streams[0].Sid, Assert.Single(ray.Wire.Of(JingleAction.SessionTerminate)).Sid);
        Assert.Null(ray.Streams[1].Bundle);
        Assert.Equal("result", (await ray.AcceptAsync(ray.Streams[1])).Type);
        Assert.Equal(2, ray.Endpoint.Forwarders.Select(f => f.TransportId).Distinct().Count());
    }

    [Fact]
    public async Task A_stream_that_it_refuses_is_not_offered_again()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var ray = await new AvClient(lab, "ray@example.org/av", true).JoinAsync();
        await ray.Wire.AskAsync(new JingleMessage(JingleAction.SessionTerminate, ray.Streams[0].Sid) { Reason = new JingleReason(JingleCondition.Decline) });
        await ann.InfoAsync(new RtpInfo(RtpInfoKind.Mute).ToElement());
        Assert.Single(ray.Streams);
        Assert.Single(ray.Endpoint.Transports);
        Client.AssertError(StanzaCondition.ItemNotFound, await ray.AcceptAsync(ray.Streams[0]));
    }

    [Fact]
    public async Task A_stream_whose_media_dies_ends_alone_and_the_call_that_sends_takes_all_with_it()
    {
        await using var lab = new CallLab();
        await new Client(lab, "ann@example.org/web").JoinAsync();
        var ray = await new AvClient(lab, "ray@example.org/av", true).JoinAsync();
        await ray.AcceptAsync(ray.Streams[0]);
        await lab.TellAsync(new TransportEnded("e1", lab.Relay.ConferenceOf(ray.Endpoint.Id), ray.Endpoint.Id, "s0.0", TransportEnd.ConsentExpired));
        Assert.Equal((ray.Streams[0].Sid, JingleCondition.ConnectivityError), (ray.Wire.Of(JingleAction.SessionTerminate)[0].Sid, ray.Wire.Of(JingleAction.SessionTerminate)[0].Reason!.Condition));
        Assert.Equal(2, lab.Rooms.Rooms[0].ParticipantCount);
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync();
        await ray.AcceptAsync(ray.Streams[1]);
        await lab.TellAsync(new TransportEnded("e1", lab.Relay.ConferenceOf(ray.Endpoint.Id), ray.Endpoint.Id, "t0", TransportEnd.ConsentExpired));
        Assert.Equal([ray.Streams[0].Sid, ray.Streams[1].Sid, ray.Wire.Sid], ray.Wire.Of(JingleAction.SessionTerminate).Select(t => t.Sid));
        await lab.TickAsync();
        Assert.Equal(2, bob.State.Users.Count);
    }

    [Fact]
    public async Task Hanging_up_ends_the_streams_too()
    {
        await using var lab = new CallLab();
        await new Client(lab, "ann@example.org/web").JoinAsync();
        var ray = await new AvClient(lab, "ray@example.org/av", false).JoinAsync();
        await ray.AcceptAsync(ray.Streams[0]);
        Assert.Equal("result", (await ray.Wire.AskAsync(new JingleMessage(JingleAction.SessionTerminate, ray.Wire.Sid))).Type);
        Assert.Equal(ray.Streams[0].Sid, Assert.Single(ray.Wire.Of(JingleAction.SessionTerminate)).Sid);
        Assert.Single(lab.Relay.Endpoints);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task One_that_sends_voice_alone_may_still_receive_pictures(bool saysVideo, int contents)
    {
        await using var lab = new CallLab();
        await new Client(lab, "ann@example.org/web").JoinAsync();
        string[] features = [Ns.Jingle, Ns.AvConferences, Ns.JingleRtp.Replace(":1", ":audio", StringComparison.Ordinal)];
        var ray = await new AvClient(lab, "ray@example.org/av", true) { Kinds = ["audio"], Features = saysVideo ? features : [Ns.AvConferences] }.JoinAsync();
        Assert.Equal(contents, ray.Streams[0].Contents.Count);
        var numbers = ray.Streams[0].Contents.SelectMany(c => c.Description!.Payloads).Select(p => p.Id).ToList();
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.All(ray.Streams[0].Contents, c => Assert.Contains(c.Description!.Extensions, x => x.Id == 7 && x.Uri == FakeRelay.Mid)); // one number, one meaning
    }

    [Fact]
    public async Task A_bad_answer_to_a_stream_is_refused_and_a_better_one_taken()
    {
        await using var lab = new CallLab();
        await new Client(lab, "ann@example.org/web").JoinAsync();
        var ray = await new AvClient(lab, "ray@example.org/av", true).JoinAsync();
        var good = ray.Answer(ray.Streams[0]);
        var open = good with { Contents = [.. good.Contents.Select(c => c with { Transport = c.Transport! with { Fingerprints = [c.Transport.Fingerprints[0] with { Setup = "actpass" }] } })] };
        Client.AssertError(StanzaCondition.BadRequest, await ray.Wire.AskAsync(open));
        var bare = good with { Contents = [.. good.Contents.Select(c => c with { Transport = null })] };
        Client.AssertError(StanzaCondition.BadRequest, await ray.Wire.AskAsync(bare));
        Assert.Equal("result", (await ray.Wire.AskAsync(good)).Type);
        Client.AssertError(StanzaCondition.UnexpectedRequest, await ray.Wire.AskAsync(good));
        Assert.Equal(2, ray.Endpoint.Forwarders.Count);
    }

    [Fact]
    public async Task What_comes_before_service_discovery_has_answered_is_kept()
    {
        await using var lab = new CallLab();
        var ray = new AvClient(lab, "ray@example.org/av", true);
        ray.Listen();
        var (answer, gate) = (lab.Answer, new TaskCompletionSource());
        lab.Answer = async iq =>
        {
            if (iq.Payload!.Is("query", Ns.DiscoInfo)) await gate.Task;
            return await answer(iq);
        };
        Assert.Equal("result", (await ray.Wire.AskAsync(ray.Offer())).Type);
        Client.AssertError(StanzaCondition.UnexpectedRequest, await ray.Wire.AskAsync(ray.Offer()));
        Assert.Equal("result", (await ray.Wire.AskAsync(new JingleMessage(JingleAction.SessionInfo, ray.Wire.Sid) { Extras = [new RtpInfo(RtpInfoKind.Mute, null, "audio1").ToElement()] })).Type);
        gate.SetResult();
        await CallLab.EventuallyAsync(() => ray.Wire.Of(JingleAction.SessionAccept).Count == 1);
        await lab.SettleAsync();
        Assert.Equal([false, true], ray.Endpoint.Tracks.Select(t => t.Muted));
    }

    [Fact]
    public async Task Who_is_neither_page_nor_conference_client_is_declined_after_the_answer()
    {
        await using var lab = new CallLab();
        var ray = new AvClient(lab, "ray@example.org/av", true) { Features = [Ns.Jingle] };
        ray.Listen();
        Assert.Equal("result", (await ray.Wire.AskAsync(ray.Offer())).Type);
        Assert.Equal(JingleCondition.UnsupportedApplications, Assert.Single(ray.Wire.Jingle).Reason!.Condition);
        var both = new AvClient(lab, "one@example.org/dino", false);
        both.Listen();
        var offer = both.Offer();
        Assert.Equal("result", (await both.Wire.AskAsync(offer with { Contents = [.. offer.Contents.Select(c => c with { Senders = JingleSenders.Both })] })).Type);
        Assert.Equal(JingleCondition.UnsupportedApplications, Assert.Single(both.Wire.Jingle).Reason!.Condition);
        await CallLab.EventuallyAsync(() => lab.Rooms.Rooms.Count == 0);
        Assert.Empty(lab.Relay.Requests);
    }

    [Theory]
    [InlineData(true, "proceed")]
    [InlineData(false, "reject")]
    public async Task A_call_by_message_is_answered_by_what_the_caller_can_do(bool isConferenceClient, string answer)
    {
        await using var lab = new CallLab();
        var ray = new AvClient(lab, "ray@example.org/av", true) { Features = isConferenceClient ? [Ns.AvConferences] : [Ns.Jingle] };
        ray.Listen();
        await lab.SayAsync(new Message(new Element("message", Ns.Client).Attr("from", "ray@example.org/av").Attr("to", Client.RoomAddress).Attr("type", "chat")
            .Add(new Element("propose", Ns.JingleMessage).Attr("id", "call-1"))));
        var said = Assert.Single(ray.Wire.Inbox.OfType<Message>());
        Assert.Equal("tea@calls.example.org/focus", said.From!.ToString());
        var jmi = said.Element.Children.First();
        Assert.Equal((answer, Ns.JingleMessage, "call-1"), (jmi.Name, jmi.Namespace, jmi["id"]));
        if (!isConferenceClient) Assert.NotNull(jmi.Child("reason", Ns.Jingle)!.Child("unsupported-applications"));
        // The session that follows may go to whoever answered, and is answered from there.
        if (!isConferenceClient) return;
        var client = new Client(lab, "ray@example.org/av", "tea@calls.example.org/focus") { Sid = "call-1" };
        Assert.Equal("result", (await client.AskAsync(ray.Offer() with { Sid = "call-1" })).Type);
        Assert.Equal(client.Room, Assert.Single(client.Of(JingleAction.SessionAccept)).Responder);
    }

    private static async Task<Parley.Xmpp.Core.Coin.ConferenceInfo> TellAsync(CallLab lab, AvClient client)
    {
        await lab.TickAsync();
        return client.Wire.State;
    }
}
