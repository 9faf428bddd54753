using Parley.Media.Control;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>One-to-one clients that turn the camera on and off while they are in a call (XEP-0166 sections 7.2.1 to 7.2.6).</summary>
public sealed class ContentAddTests : IAsyncLifetime
{
    private readonly CallLab _lab = new();
    private readonly MixedCaller _dan;

    public ContentAddTests() => _dan = new MixedCaller(_lab, "dan@example.org/phone");

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task A_camera_that_comes_later_gets_a_transport_of_its_own_without_BUNDLE()
    {
        await _dan.CallAsync(null, _dan.Audio());
        Assert.Equal("result", (await _dan.AddAsync(_dan.Video())).Type);

        var accept = Assert.Single(_dan.Client.Of(JingleAction.ContentAccept));
        Assert.Empty(accept.Groups);
        var content = Assert.Single(accept.Contents);
        Assert.Equal((JingleCreator.Initiator, "video", JingleSenders.Both), (content.Creator, content.Name, content.Senders));
        Assert.Equal([(98, "VP8")], content.Description!.Payloads.Select(p => (p.Id, p.Name!)));
        Assert.Equal("active", content.Transport!.Setup);
        Assert.NotEmpty(content.Transport.Candidates);
        Assert.NotEqual(_dan.Client.Of(JingleAction.SessionAccept)[0].Contents[0].Transport!.Ufrag, content.Transport.Ufrag);

        Assert.Equal(["t0", "t1"], _dan.Endpoint.Transports.Select(t => t.Id));
        Assert.Equal([("audio", "t0", ForwarderFeed.Mix), ("video", "t1", ForwarderFeed.Speaker)], _dan.Endpoint.Forwarders.Select(f => (f.Id, f.TransportId, f.Feed)));
        Assert.Equal([(MediaKind.Audio, "t0"), (MediaKind.Video, "t1")], _dan.Endpoint.Tracks.Select(t => (t.Kind, t.TransportId)));
    }

    // As Conversations does: the whole group again, the transport repeated or left empty.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_the_call_is_bundled_the_camera_is_too(bool repeats)
    {
        await _dan.CallAsync(["0"], _dan.Audio("0"));
        var add = _dan.Message(JingleAction.ContentAdd, ["0", "1"], _dan.Video("1") with { Transport = repeats ? _dan.Transport("a") : new IceUdpTransport() });
        Assert.Equal("result", (await _dan.Client.AskAsync(add)).Type);

        var accept = Assert.Single(_dan.Client.Of(JingleAction.ContentAccept));
        Assert.Equal(["0", "1"], accept.Bundle);
        Assert.Equal(_dan.Client.Of(JingleAction.SessionAccept)[0].Contents[0].Transport!.Ufrag, accept.Contents[0].Transport!.Ufrag);
        Assert.Equal("t0", Assert.Single(_dan.Endpoint.Transports).Id);
        Assert.Equal(["t0", "t0"], _dan.Endpoint.Forwarders.Select(f => f.TransportId));
    }

    [Fact]
    public async Task The_call_pages_see_the_camera_and_that_it_goes_again()
    {
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        await _dan.CallAsync(null, _dan.Audio());
        await _dan.AddAsync(_dan.Video());
        await _dan.ConnectAsync();
        var track = _dan.Endpoint.Tracks[1].Id;
        await _lab.TellAsync(new TrackFlowChanged(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(_dan.Endpoint.Id), _dan.Endpoint.Id, track, true));
        await ann.AcceptSlotsAsync();
        Assert.Contains(track, ann.Fed.Values);

        Assert.Equal("result", (await _dan.Client.AskAsync(_dan.Message(JingleAction.ContentRemove, null, new JingleContent(JingleCreator.Initiator, "video")))).Type);
        Assert.DoesNotContain(track, ann.Fed.Values);
        Assert.Equal("t0", Assert.Single(_dan.Endpoint.Transports).Id);
        Assert.Equal("audio", Assert.Single(_dan.Endpoint.Forwarders).Id);

        // And once more: another stream, on another transport.
        await _dan.AddAsync(_dan.Video());
        Assert.Equal(2, _dan.Client.Of(JingleAction.ContentAccept).Count);
        Assert.Equal(["t0", "t2"], _dan.Endpoint.Transports.Select(t => t.Id));
        Assert.NotEqual(track, _dan.Endpoint.Tracks[1].Id);
    }

    // Dino adds a camera in which it alone sends, and shows ours once we ask to send too.
    [Fact]
    public async Task Who_only_sends_is_asked_to_take_a_picture_once_there_is_one()
    {
        await _dan.CallAsync(null, _dan.Audio());
        await _dan.AddAsync(_dan.Video(senders: JingleSenders.Initiator));
        Assert.Equal(JingleSenders.Initiator, Assert.Single(_dan.Client.Of(JingleAction.ContentAccept)).Contents[0].Senders);
        Assert.Single(_dan.Endpoint.Forwarders);
        Assert.Empty(_dan.Client.Of(JingleAction.ContentModify));

        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        await ann.FlowsAsync();
        var modify = Assert.Single(_dan.Client.Of(JingleAction.ContentModify)).Contents[0];
        Assert.Equal((JingleCreator.Initiator, "video", JingleSenders.Both), (modify.Creator, modify.Name, modify.Senders));
        Assert.Equal(["audio", "video"], _dan.Endpoint.Forwarders.Select(f => f.Id));
        await _lab.TickAsync();
        Assert.Single(_dan.Client.Of(JingleAction.ContentModify));
    }

    [Fact]
    public async Task Who_will_not_take_a_picture_is_not_asked_again()
    {
        _lab.Answer = iq => Task.FromResult(iq.Payload!["action"] == "content-modify" ? (Iq)iq.ErrorReply(JingleErrors.TieBreak()) : iq.Result());
        await _dan.CallAsync(null, _dan.Audio());
        await _dan.AddAsync(_dan.Video(senders: JingleSenders.Initiator));
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        await ann.FlowsAsync();
        Assert.Single(_dan.Client.Of(JingleAction.ContentModify));
        Assert.Single(_dan.Endpoint.Forwarders);

        // Until it says so itself.
        await _dan.Client.AskAsync(_dan.Message(JingleAction.ContentModify, null, new JingleContent(JingleCreator.Initiator, "video") { Senders = JingleSenders.Both }));
        Assert.Equal(["audio", "video"], _dan.Endpoint.Forwarders.Select(f => f.Id));
        Assert.Single(_dan.Client.Of(JingleAction.ContentModify));
    }

    public static TheoryData<string, JingleCondition> Bad => new()
    {
        { "name", JingleCondition.FailedApplication },
        { "kind", JingleCondition.UnsupportedApplications },
        { "codec", JingleCondition.IncompatibleParameters },
        { "mux", JingleCondition.IncompatibleParameters },
        { "nothing", JingleCondition.UnsupportedApplications },
        { "credentials", JingleCondition.FailedTransport },
        { "fingerprint", JingleCondition.SecurityError },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task What_cannot_be_had_is_rejected_with_the_reason_and_the_call_goes_on(string what, JingleCondition why)
    {
        await _dan.CallAsync(null, _dan.Audio());
        var good = _dan.Video();
        var bad = what switch
        {
            "name" => good with { Name = "audio" },
            "kind" => _dan.Audio("second", "b"),
            "codec" => good with { Description = good.Description! with { Payloads = [new RtpPayload(98, "theora", 90000, 1, [], [])] } },
            "mux" => good with { Description = good.Description! with { RtcpMux = false } },
            "nothing" => good with { Description = null },
            "credentials" => good with { Transport = good.Transport! with { Password = "short" } },
            _ => good with { Transport = good.Transport! with { Fingerprints = [] } },
        };
        Assert.Equal("result", (await _dan.AddAsync(bad)).Type);
        var reject = Assert.Single(_dan.Client.Of(JingleAction.ContentReject));
        Assert.Equal(why, reject.Reason!.Condition);
        var refused = Assert.Single(reject.Contents);
        Assert.Equal((bad.Name, bad.Senders), (refused.Name, refused.Senders));
        // Conversations compares name, kind and senders with what it asked for, looks for a transport, and ends the call where anything is missing.
        Assert.Equal(bad.Description?.Media, refused.Description?.Media);
        Assert.NotNull(refused.Transport);
        Assert.Null(refused.Transport.Ufrag);
        Assert.Empty(_dan.Client.Of(JingleAction.ContentAccept));
        Assert.Equal("t0", Assert.Single(_dan.Endpoint.Transports).Id);

        // A good one still may come.
        await _dan.AddAsync(good);
        Assert.Single(_dan.Client.Of(JingleAction.ContentAccept));
    }

    [Fact]
    public async Task What_the_relay_refuses_is_rejected_and_the_call_goes_on()
    {
        await _dan.CallAsync(null, _dan.Audio());
        _lab.Relay.Judge = r => r.Endpoints.Any(e => e.Transports.Count > 1) ? RelayFault.ResourceConstraint : null;
        await _dan.AddAsync(_dan.Video());
        Assert.Equal(JingleCondition.Busy, Assert.Single(_dan.Client.Of(JingleAction.ContentReject)).Reason!.Condition);
        Assert.Empty(_dan.Client.Of(JingleAction.SessionTerminate));
        Assert.Equal("audio", Assert.Single(_dan.Endpoint.Forwarders).Id);
    }

    [Fact]
    public async Task A_camera_whose_transport_fails_goes_alone()
    {
        await _dan.CallAsync(null, _dan.Audio());
        await _dan.AddAsync(_dan.Video());
        await _dan.EndedAsync("t1", TransportEnd.NeverConnected);
        var remove = Assert.Single(_dan.Client.Of(JingleAction.ContentRemove));
        Assert.Equal(("video", JingleCondition.FailedTransport), (remove.Contents[0].Name, remove.Reason!.Condition));
        Assert.Equal("t0", Assert.Single(_dan.Endpoint.Transports).Id);
        Assert.Empty(_dan.Client.Of(JingleAction.SessionTerminate));
        // The first one is the call.
        await _dan.EndedAsync("t0", TransportEnd.ConsentExpired);
        Assert.Equal(JingleCondition.ConnectivityError, Assert.Single(_dan.Client.Of(JingleAction.SessionTerminate)).Reason!.Condition);
    }

    [Fact]
    public async Task Removing_everything_ends_the_call_and_removing_nothing_is_an_error()
    {
        await _dan.CallAsync(null, _dan.Audio(), _dan.Video());
        Client.AssertError(StanzaCondition.ItemNotFound, await _dan.Client.AskAsync(_dan.Message(JingleAction.ContentRemove, null)));
        Client.AssertError(StanzaCondition.ItemNotFound, await _dan.Client.AskAsync(_dan.Message(JingleAction.ContentRemove, null, new JingleContent(JingleCreator.Responder, "video"))));
        Client.AssertError(StanzaCondition.BadRequest, await _dan.AddAsync());
        Assert.Equal("result", (await _dan.Client.AskAsync(_dan.Message(JingleAction.ContentRemove, null, new JingleContent(JingleCreator.Initiator, "audio"), new JingleContent(JingleCreator.Initiator, "video")))).Type);
        Assert.Equal(JingleCondition.Success, Assert.Single(_dan.Client.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Empty(_lab.Relay.Endpoints);
    }

    [Fact]
    public async Task Answers_to_what_was_never_asked_are_out_of_order()
    {
        await _dan.CallAsync(null, _dan.Audio());
        foreach (var action in new[] { JingleAction.ContentAccept, JingleAction.ContentReject, JingleAction.TransportAccept, JingleAction.SessionAccept, JingleAction.SessionInitiate })
        {
            var answer = await _dan.Client.AskAsync(_dan.Message(action, null, _dan.Audio()));
            Client.AssertError(StanzaCondition.UnexpectedRequest, answer);
            Assert.Equal("out-of-order", StanzaError.Of(answer).Application!.Name);
        }
    }

    // Whoever calls again from one full address has lost its state: the new session takes the place of the old once its media is up, and until then nobody misses anything.
    [Fact]
    public async Task A_second_call_of_the_same_client_takes_the_place_of_the_first()
    {
        await _dan.CallAsync(null, _dan.Audio());
        var first = _dan.Endpoint;
        var again = new MixedCaller(_lab, "dan@example.org/phone");
        Assert.Equal("result", (await again.Client.AskAsync(again.Message(JingleAction.SessionInitiate, null, again.Audio(transport: "n"), again.Video(transport: "w")))).Type);
        Assert.Equal(2, _lab.Relay.Endpoints.Count);
        Assert.Empty(_dan.Client.Of(JingleAction.SessionTerminate));

        var second = _lab.Relay.Endpoints.Single(e => e.Id != first.Id);
        foreach (var transport in second.Transports) await _lab.TellAsync(new TransportConnected(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(second.Id), second.Id, transport.Id));
        Assert.Equal((_dan.Sid, JingleCondition.Expired), Assert.Single(_dan.Client.Of(JingleAction.SessionTerminate).Select(t => (t.Sid, t.Reason!.Condition))));
        Assert.Equal(second.Id, Assert.Single(_lab.Relay.Endpoints).Id);
    }
}
