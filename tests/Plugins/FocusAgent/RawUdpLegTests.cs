using System.Net;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>Gateways that call a room by Jingle without ICE (XEP-0177).</summary>
public sealed class RawUdpLegTests : IAsyncLifetime
{
    private const string Offer = """
        <jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" sid="SID" initiator="sip@example.org/bridge">
        <content creator="initiator" name="voice" senders="both">
        <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio"><payload-type id="96" name="opus" clockrate="48000" channels="2"/><source xmlns="urn:xmpp:jingle:apps:rtp:ssma:0" ssrc="77"/></description>
        <transport xmlns="urn:xmpp:jingle:transports:raw-udp:1">CANDIDATES</transport>
        </content>
        <content creator="initiator" name="picture" senders="both">
        <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="video"><payload-type id="98" name="VP8" clockrate="90000"/><payload-type id="99" name="rtx" clockrate="90000"><parameter name="apt" value="98"/></payload-type><rtcp-mux/></description>
        <transport xmlns="urn:xmpp:jingle:transports:raw-udp:1">CANDIDATES</transport>
        </content>
        <group xmlns="urn:xmpp:jingle:apps:grouping:0" semantics="BUNDLE"><content name="voice"/><content name="picture"/></group>
        </jingle>
        """;

    private const string Candidates = """<candidate component="1" generation="0" id="a" ip="10.1.2.3" port="13540"/><candidate component="2" generation="0" id="b" ip="10.1.2.3" port="13547"/>""";

    private readonly CallLab _lab = new(new FocusAgentOptions { RawUdp = new() { Enabled = true, AllowedNetworks = { "10.1.2.0/24", "2001:db8:1::/48" }, TrustedNetworks = { "10.1.2.128/25" }, AllowedAccounts = { "sip@example.org", "gateway.example.org" } } });
    private readonly Client _bridge;

    public RawUdpLegTests()
    {
        _bridge = new Client(_lab, "sip@example.org/bridge");
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true };
    }

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task It_is_answered_with_our_ports_and_fed_as_any_one_to_one_client()
    {
        var accept = await CallAsync();
        var endpoint = Assert.Single(_lab.Relay.Endpoints);
        Assert.Empty(accept.Groups);
        Assert.All(accept.Contents, c => Assert.Null(c.Transport));
        Assert.Equal([1, 2], accept.Contents[0].RawTransport!.Candidates.Select(c => c.Component));
        Assert.Equal([1], accept.Contents[1].RawTransport!.Candidates.Select(c => c.Component));
        Assert.All(accept.Contents, c => Assert.True(IPAddress.TryParse(c.RawTransport!.Of(1)!.Ip, out _) && c.RawTransport.Of(1)!.Port >= 12000));
        Assert.Equal([false, true], accept.Contents.Select(c => c.Description!.RtcpMux));
        Assert.Equal([(98, "VP8")], accept.Contents[1].Description!.Payloads.Select(p => (p.Id, p.Name!)));

        Assert.Equal([(ForwarderFeed.Mix, (uint?)null), (ForwarderFeed.Speaker, null)], endpoint.Forwarders.Select(f => (f.Feed, f.RtxSsrc)));
        Assert.All(endpoint.Tracks, t => Assert.Null(t.Ssrc)); // whatever was told
        Assert.Equal([new(IPAddress.Parse("10.1.2.3"), 13547), null], endpoint.Transports.Select(t => t.Raw!.Rtcp));
        Assert.All(endpoint.Transports, t => Assert.Equal((new IPEndPoint(IPAddress.Parse("10.1.2.3"), 13540), false, TimeSpan.FromSeconds(30)), (t.Raw!.Rtp, t.Raw.SendsUnheard, t.Raw.SilenceTimeout)));
    }

    [Theory]
    [InlineData("10.1.2.200", true)]
    [InlineData("::ffff:10.1.2.200", true)]
    [InlineData("10.1.2.5", false)]
    [InlineData("2001:db8:1::5", false)]
    public async Task Only_where_the_network_is_trusted_it_is_sent_media_unasked(string ip, bool isTrusted)
    {
        await CallAsync(Candidates.Replace("10.1.2.3", ip, StringComparison.Ordinal));
        Assert.All(Assert.Single(_lab.Relay.Endpoints).Transports, t => Assert.Equal(isTrusted, t.Raw!.SendsUnheard));
    }

    [Theory]
    [InlineData("10.1.3.3")]
    [InlineData("192.0.2.1")]
    [InlineData("127.0.0.1")]
    [InlineData("::ffff:192.0.2.1")]
    [InlineData("2001:db8:2::1")]
    public async Task Whoever_would_have_media_sent_elsewhere_is_refused(string ip) => await RefusedAsync(Candidates.Replace("10.1.2.3", ip, StringComparison.Ordinal), JingleCondition.FailedTransport);

    [Fact]
    public async Task RTCP_goes_to_no_other_address() =>
        await RefusedAsync("""<candidate component="1" generation="0" id="a" ip="10.1.2.3" port="13540"/><candidate component="2" generation="0" id="b" ip="10.1.2.9" port="13541"/>""", JingleCondition.FailedTransport, contents: 1);

    [Theory]
    [InlineData("mallory@example.org/x", SenderKind.Account)]
    [InlineData("sip@example.com/bridge", SenderKind.Remote)]
    [InlineData("x@guest.example.org/x", SenderKind.Guest)]
    public async Task Whoever_is_not_listed_is_told_that_there_is_no_such_transport(string jid, SenderKind kind)
    {
        await using var lab = new CallLab(new FocusAgentOptions { OpenTo = OpenTo.Anyone, RawUdp = _lab.Options.RawUdp });
        lab.Relay.Capabilities = lab.Relay.Capabilities with { HasMixer = true };
        var client = new Client(lab, jid) { Kind = kind };
        await client.AskAsync(Read(client.Sid, Candidates));
        Assert.Equal(JingleCondition.UnsupportedTransports, Assert.Single(client.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Empty(lab.Relay.Endpoints);
    }

    [Fact]
    public async Task A_listed_domain_stands_for_all_in_it()
    {
        var gateway = new Client(_lab, "+4930123@gateway.example.org/sip") { Kind = SenderKind.Component };
        await gateway.AskAsync(Read(gateway.Sid, Candidates));
        Assert.Single(gateway.Of(JingleAction.SessionAccept));
    }

    [Fact]
    public async Task Off_it_is_as_if_it_were_not()
    {
        Assert.Contains(Ns.JingleRawUdp, _lab.Component.Describe(Client.RoomAddress, null)!.Features);
        _lab.Options.RawUdp.Enabled = false;
        Assert.DoesNotContain(Ns.JingleRawUdp, _lab.Component.Describe(Client.RoomAddress, null)!.Features);
        await RefusedAsync(Candidates, JingleCondition.UnsupportedTransports);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""<candidate component="2" generation="0" id="a" ip="10.1.2.3" port="13540"/>""")]
    [InlineData("""<candidate component="1" generation="0" id="a" ip="bridge.example.org" port="13540"/>""")]
    [InlineData("""<candidate component="1" generation="0" id="a" ip="10.1.2.3" port="0"/>""")]
    [InlineData("""<candidate component="1" generation="0" id="a" ip="10.1.2.3" port="70000"/>""")]
    [InlineData("""<candidate component="1" generation="-1" id="a" ip="10.1.2.3" port="13540"/>""")]
    [InlineData("""<candidate generation="0" id="a" ip="10.1.2.3" port="13540"/>""")]
    public async Task What_breaks_the_standard_is_a_bad_request(string candidates)
    {
        Client.AssertError(StanzaCondition.BadRequest, await _bridge.AskAsync(Read(_bridge.Sid, candidates)));
        Assert.Empty(_lab.Relay.Endpoints);
    }

    [Fact]
    public async Task Silence_ends_it_with_a_timeout()
    {
        await CallAsync();
        var endpoint = Assert.Single(_lab.Relay.Endpoints);
        await _lab.TellAsync(new TransportConnected(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(endpoint.Id), endpoint.Id, "t0"));
        await _lab.TellAsync(new TransportEnded(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(endpoint.Id), endpoint.Id, "t0", TransportEnd.ConsentExpired));
        Assert.Equal(JingleCondition.Timeout, Assert.Single(_bridge.Of(JingleAction.SessionTerminate)).Reason!.Condition);
        Assert.Empty(_lab.Relay.Endpoints);
    }

    [Fact]
    public async Task Hold_is_told_to_the_relay_which_then_takes_silence_for_none()
    {
        await CallAsync();
        var hold = new JingleMessage(JingleAction.SessionInfo, _bridge.Sid) { Extras = [new Element("hold", "urn:xmpp:jingle:apps:rtp:info:1")] };
        Assert.Equal("result", (await _bridge.AskAsync(hold)).Type);
        Assert.All(Assert.Single(_lab.Relay.Endpoints).Tracks, t => Assert.True(t.Muted));
    }

    private static Element Read(string sid, string candidates) => Fixture.Read(Offer.Replace("SID", sid, StringComparison.Ordinal).Replace("CANDIDATES", candidates, StringComparison.Ordinal));

    private async Task<JingleMessage> CallAsync(string candidates = Candidates)
    {
        Assert.Equal("result", (await _bridge.AskAsync(Read(_bridge.Sid, candidates))).Type);
        return Assert.Single(_bridge.Of(JingleAction.SessionAccept));
    }

    private async Task RefusedAsync(string candidates, JingleCondition why, int contents = 0)
    {
        Assert.Equal("result", (await _bridge.AskAsync(Read(_bridge.Sid, candidates))).Type);
        if (contents == 0)
        {
            Assert.Equal(why, Assert.Single(_bridge.Of(JingleAction.SessionTerminate)).Reason!.Condition);
            Assert.Empty(_lab.Relay.Endpoints);
            return;
        }

        // Of two contents the one that muxes RTCP has but one address.
        Assert.Equal(contents, Assert.Single(_bridge.Of(JingleAction.SessionAccept)).Contents.Count);
        Assert.All(Assert.Single(_lab.Relay.Endpoints).Transports, t => Assert.Null(t.Raw!.Rtcp));
    }
}
