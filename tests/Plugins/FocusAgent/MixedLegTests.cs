using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>Ordinary one-to-one clients: one session both ways, fed by the mixer.</summary>
public sealed class MixedLegTests : IAsyncLifetime
{
    // As Dino offers: a transport for each content, no BUNDLE, no SSRCs.
    private const string Offer = """
        <jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" sid="SID" initiator="dan@example.org/dino">
        <content creator="initiator" name="audio" senders="both">
        <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio"><payload-type id="111" name="opus" clockrate="48000" channels="2"/><payload-type id="0" name="PCMU" clockrate="8000"/>SOURCES<rtcp-mux/></description>
        TRANSPORT
        </content>
        <content creator="initiator" name="video" senders="both">
        <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="video"><payload-type id="98" name="VP8" clockrate="90000"><rtcp-fb xmlns="urn:xmpp:jingle:apps:rtp:rtcp-fb:0" type="nack"/><rtcp-fb xmlns="urn:xmpp:jingle:apps:rtp:rtcp-fb:0" type="goog-remb"/></payload-type><rtcp-mux/></description>
        TRANSPORT
        </content>
        </jingle>
        """;

    private const string Transport = """
        <transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="abcd" pwd="0123456789012345678901"><fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="SETUP">FINGERPRINT</fingerprint></transport>
        """;

    private readonly CallLab _lab = new();
    private readonly Client _dan;

    public MixedLegTests()
    {
        _dan = new Client(_lab, "dan@example.org/dino");
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true };
    }

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task A_plain_call_is_taken_both_ways_and_fed_with_the_mix_and_the_speaker()
    {
        var accept = await CallAsync();

        Assert.Equal(["audio", "video"], accept.Contents.Select(c => c.Name));
        Assert.All(accept.Contents, c => Assert.Equal(JingleSenders.Both, c.Senders));
        Assert.Equal([(111, "opus")], accept.Contents[0].Description!.Payloads.Select(p => (p.Id, p.Name!)));
        Assert.Equal([(98, "VP8")], accept.Contents[1].Description!.Payloads.Select(p => (p.Id, p.Name!)));
        // Nothing that was not offered.
        Assert.All(accept.Contents, c => Assert.Empty(c.Description!.Sources));
        Assert.Empty(accept.Groups);
        Assert.Equal("true", accept.Extra("conference-info", Ns.Coin)!["isfocus"]);

        var endpoint = Assert.Single(_lab.Relay.Endpoints);
        Assert.Equal(2, endpoint.Transports.Count);
        Assert.Equal([("audio", ForwarderFeed.Mix), ("video", ForwarderFeed.Speaker)], endpoint.Forwarders.Select(f => (f.Id, f.Feed)));
        Assert.All(endpoint.Forwarders, f => Assert.Null(f.SourceTrackId));
        Assert.Equal([MediaKind.Audio, MediaKind.Video], endpoint.Tracks.Select(t => t.Kind));
        Assert.All(endpoint.Tracks, t => Assert.Null(t.Ssrc));
    }

    // RFC 8842 section 5.3: whoever answers begins, where it may choose.
    [Theory]
    [InlineData("actpass", "active", DtlsRole.Client)]
    [InlineData("passive", "active", DtlsRole.Client)]
    [InlineData("active", "passive", DtlsRole.Server)]
    public async Task It_begins_the_handshake_unless_the_caller_wants_to(string offered, string answered, DtlsRole role)
    {
        var accept = await CallAsync(setup: offered);
        Assert.All(accept.Contents, c => Assert.Equal(answered, c.Transport!.Setup));
        Assert.All(_lab.Relay.Endpoints[0].Transports, t => Assert.Equal(role, t.DtlsRole));
    }

    [Fact]
    public async Task Who_tells_its_SSRCs_is_told_ours()
    {
        var accept = await CallAsync("""<source xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" ssrc="1234"><parameter name="cname" value="x"/></source>""");
        var source = Assert.Single(accept.Contents[0].Description!.Sources);
        Assert.Equal(_lab.Relay.Endpoints[0].Forwarders[0].Ssrc, source.Ssrc);
        Assert.Empty(accept.Contents[1].Description!.Sources);
    }

    [Fact]
    public async Task The_call_pages_see_it_as_anybody_else()
    {
        await CallAsync();
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        var endpoint = await ConnectAsync();
        foreach (var track in endpoint.Tracks) await _lab.TellAsync(new TrackFlowChanged(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(endpoint.Id), endpoint.Id, track.Id, true));
        await ann.AcceptSlotsAsync();
        Assert.Equal(endpoint.Tracks.Select(t => t.Id).Order(), ann.Fed.Values.OfType<string>().Order());
    }

    [Fact]
    public async Task It_is_told_nothing_that_a_one_to_one_client_does_not_know()
    {
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        await CallAsync();
        await ConnectAsync();
        await _lab.SayAsync(new Message(new Element("message", Ns.Client).Attr("type", "groupchat").Attr("from", ann.Jid.ToString()).Attr("to", Client.RoomAddress).Add("body", b => b.Text("hello"))));
        await _lab.TickAsync();
        Assert.Equal(2, ann.State.Users.Count);
        Assert.Equal("hello", Assert.Single(ann.Inbox.OfType<Message>()).Body);
        Assert.Empty(_dan.States);
        Assert.Empty(_dan.Inbox.OfType<Message>());
    }

    [Fact]
    public async Task Who_stops_sending_a_content_is_muted()
    {
        await CallAsync();
        var modify = new JingleMessage(JingleAction.ContentModify, _dan.Sid) { Contents = [new JingleContent(JingleCreator.Initiator, "video") { Senders = JingleSenders.Responder }] };
        Assert.Equal("result", (await _dan.AskAsync(modify)).Type);
        Assert.Equal([false, true], _lab.Relay.Endpoints[0].Tracks.Select(t => t.Muted));
        await _dan.AskAsync(modify with { Contents = [new JingleContent(JingleCreator.Initiator, "video") { Senders = JingleSenders.Both }] });
        Assert.Equal([false, false], _lab.Relay.Endpoints[0].Tracks.Select(t => t.Muted));
        Client.AssertError(StanzaCondition.ItemNotFound, await _dan.AskAsync(modify with { Contents = [new JingleContent(JingleCreator.Initiator, "smell") { Senders = JingleSenders.Both }] }));
    }

    [Fact]
    public async Task Without_a_mixer_it_is_told_so()
    {
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = false };
        Assert.Equal("result", (await _dan.AskAsync(Read(""))).Type);
        var reason = Assert.Single(_dan.Of(JingleAction.SessionTerminate)).Reason!;
        Assert.Equal(JingleCondition.UnsupportedApplications, reason.Condition);
        // In words too, and as a message, since hardly a client shows the reason's.
        Assert.Contains("cannot mix", reason.Text, StringComparison.Ordinal);
        Assert.Equal(reason.Text, Assert.Single(_dan.Inbox.OfType<Message>()).Body);
    }

    [Fact]
    public async Task A_call_of_nothing_is_a_bad_request() =>
        Client.AssertError(StanzaCondition.BadRequest, await _dan.AskAsync(new JingleMessage(JingleAction.SessionInitiate, _dan.Sid)));

    [Fact]
    public async Task A_proposal_of_a_file_is_rejected()
    {
        await _lab.SayAsync(new Message(new Element("message", Ns.Client).Attr("type", "chat").Attr("from", _dan.Jid.ToString()).Attr("to", Client.RoomAddress)
            .Add(new Element("propose", Ns.JingleMessage).Attr("id", "file-1").Add(new Element("description", "urn:xmpp:jingle:apps:file-transfer:5")))));
        await CallLab.EventuallyAsync(() => _dan.Inbox.OfType<Message>().Any());
        var reject = Assert.Single(_dan.Inbox.OfType<Message>()).Element.Child("reject", Ns.JingleMessage)!;
        Assert.Equal("file-1", reject["id"]);
        Assert.NotNull(reject.Child("reason", Ns.Jingle)!.Child("unsupported-applications", Ns.Jingle));
    }

    [Fact]
    public async Task A_room_that_is_no_longer_a_contact_is_seen_to_leave()
    {
        await _lab.SayAsync(Presence("unsubscribe"));
        await CallLab.EventuallyAsync(() => _dan.Bare(_lab).Count > 0);
        var left = Assert.Single(_dan.Bare(_lab));
        Assert.Equal(("unavailable", Client.RoomAddress + "/focus"), (left.Type, left.From!.ToString()));
    }

    // QXmpp 1.4 and Gajim 1.7 send plain RTP. QXmpp passes over an error to its session-initiate and would ring for ever; a session-terminate ends the call.
    [Fact]
    public async Task Whose_media_would_go_in_the_clear_is_told_so()
    {
        const string Plain = """
            <jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" sid="SID" initiator="dan@example.org/QXmpp"><content creator="initiator" name="microphone" senders="both">
            <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio" ssrc="2871453"><payload-type id="97" name="OPUS" channels="2" clockrate="48000"/><payload-type id="8" name="PCMA" clockrate="8000"/></description>
            <transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="NRbZ" pwd="Vcn4hb2Bbq3c6n2nhXdKjMSBCjzKHY2V"><candidate component="1" foundation="1" generation="0" id="a0" ip="192.0.2.7" network="0" port="40001" priority="2130706431" protocol="udp" type="host"/></transport>
            </content></jingle>
            """;
        Assert.Equal("result", (await _dan.AskAsync(Fixture.Read(Plain.Replace("SID", _dan.Sid, StringComparison.Ordinal)))).Type);
        var reason = Assert.Single(_dan.Of(JingleAction.SessionTerminate)).Reason!;
        Assert.Equal(JingleCondition.SecurityError, reason.Condition);
        Assert.Contains("DTLS", reason.Text, StringComparison.Ordinal);
        Assert.Empty(_lab.Relay.Requests);
    }

    [Fact]
    public async Task A_proposal_is_answered_from_a_full_address_whatever_the_caller_lists()
    {
        await _lab.SayAsync(new Message(new Element("message", Ns.Client).Attr("type", "chat").Attr("from", _dan.Jid.ToString()).Attr("to", Client.RoomAddress)
            .Add(new Element("propose", Ns.JingleMessage).Attr("id", "call-1").Add(new Element("description", Ns.JingleRtp).Attr("media", "audio")))));
        await CallLab.EventuallyAsync(() => _dan.Inbox.OfType<Message>().Any());
        var answer = _dan.Inbox.OfType<Message>().Single();
        Assert.Equal(Client.RoomAddress + "/focus", answer.From!.ToString());
        Assert.Equal("call-1", answer.Element.Child("proceed", Ns.JingleMessage)!["id"]);
    }

    [Fact]
    public async Task A_room_is_a_contact_with_a_call_button()
    {
        await _lab.SayAsync(Presence("subscribe"));
        await CallLab.EventuallyAsync(() => _dan.Bare(_lab).Count == 2);
        var (subscribed, available) = (_dan.Bare(_lab)[0], _dan.Bare(_lab)[1]);
        Assert.Equal(("subscribed", Client.RoomAddress), (subscribed.Type, subscribed.From!.ToString()));
        Assert.Equal((null, Client.RoomAddress + "/focus"), (available.Type, available.From!.ToString()));
        var caps = available.Element.Child("c", Ns.Caps)!;
        var info = _lab.Component.Describe(Client.RoomAddress, $"{caps["node"]}#{caps["ver"]}")!;
        Assert.Equal(caps["ver"], Parley.Xmpp.Core.Caps.EntityCapabilities.Version(info.ToElement()));
        Assert.Superset(new HashSet<string> { Ns.JingleRtpAudio, Ns.JingleRtpVideo, Ns.JingleMessage, Ns.JingleIceUdp, Ns.JingleDtls }, info.Features.ToHashSet());
        // Without the mixer, no button.
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = false };
        Assert.DoesNotContain(Ns.JingleRtpAudio, _lab.Component.Describe(Client.RoomAddress, null)!.Features);

        await _lab.SayAsync(Presence("probe"));
        Assert.NotEqual(caps["ver"], Assert.Single(_dan.Inbox.OfType<Presence>()).Element.Child("c", Ns.Caps)!["ver"]);
        await _lab.SayAsync(Presence("subscribe"), SenderKind.Remote);
        Assert.Equal("unsubscribed", _dan.Bare(_lab)[^1].Type);
    }

    private Presence Presence(string type) => new(new Element("presence", Ns.Client).Attr("type", type).Attr("from", (type == "probe" ? _dan.Jid : _dan.Jid.Bare).ToString()).Attr("to", Client.RoomAddress));

    // Its media comes up.
    private async Task<EndpointSpec> ConnectAsync()
    {
        var endpoint = _lab.Relay.Endpoints.Single(e => e.Forwarders.Any(f => f.Feed == ForwarderFeed.Mix));
        foreach (var transport in endpoint.Transports) await _lab.TellAsync(new TransportConnected(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(endpoint.Id), endpoint.Id, transport.Id));
        return endpoint;
    }

    private async Task<JingleMessage> CallAsync(string sources = "", string setup = "actpass")
    {
        Assert.Equal("result", (await _dan.AskAsync(Read(sources, setup))).Type);
        return Assert.Single(_dan.Of(JingleAction.SessionAccept));
    }

    private Element Read(string sources, string setup = "actpass") => OfferOf(_dan.Sid, sources, setup);

    /// <summary>An offer.</summary>
    public static Element OfferOf(string sid, string sources = "", string setup = "actpass") => Fixture.Read(Offer.Replace("SID", sid, StringComparison.Ordinal).Replace("SOURCES", sources, StringComparison.Ordinal)
        .Replace("TRANSPORT", Transport.Replace("SETUP", setup, StringComparison.Ordinal).Replace("FINGERPRINT", string.Join(':', Enumerable.Repeat("AB", 32)), StringComparison.Ordinal), StringComparison.Ordinal));
}

internal static class BareInbox
{
    /// <summary>What came to a client's bare address.</summary>
    public static IReadOnlyList<Presence> Bare(this Client client, CallLab lab) => [.. lab.Sent.Where(s => s.To == client.Jid.Bare).OfType<Presence>()];
}
