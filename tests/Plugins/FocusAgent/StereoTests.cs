using Parley.Xmpp.Core.Jingle;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>One-to-one clients that send, or like to receive, two channels.</summary>
public sealed class StereoTests : IAsyncLifetime
{
    private readonly CallLab _lab = new();
    private readonly Client _dan;

    public StereoTests()
    {
        _dan = new Client(_lab, "dan@example.org/studio");
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true };
    }

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    // RFC 7587 section 6.1: each side speaks for itself.
    [Theory]
    [InlineData("stereo", "sprop-stereo")]
    [InlineData("sprop-stereo", "stereo")]
    public async Task The_room_answers_to_what_is_sent_with_what_it_likes_and_the_other_way_round(string offered, string answered)
    {
        Assert.Equal("result", (await _dan.AskAsync(Fixture.Read($"""
            <jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" sid="{_dan.Sid}" initiator="{_dan.Jid}">
            <content creator="initiator" name="audio" senders="both">
            <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio"><payload-type id="111" name="opus" clockrate="48000" channels="2"><parameter name="useinbandfec" value="1"/><parameter name="{offered}" value="1"/></payload-type><rtcp-mux/></description>
            <transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="abcd" pwd="0123456789012345678901"><fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="actpass">{string.Join(':', Enumerable.Repeat("AB", 32))}</fingerprint></transport>
            </content>
            </jingle>
            """))).Type);
        var accept = Assert.Single(_dan.Of(JingleAction.SessionAccept));
        Assert.Equal([("useinbandfec", "1"), (answered, "1")], Assert.Single(accept.Contents[0].Description!.Payloads).Parameters.Select(p => (p.Key, p.Value)));
        // The relay is told what the client said.
        var endpoint = Assert.Single(_lab.Relay.Endpoints);
        Assert.Contains(KeyValuePair.Create(offered, "1"), endpoint.Tracks[0].Payloads[0].Parameters);
        Assert.Contains(KeyValuePair.Create(offered, "1"), endpoint.Forwarders[0].Payloads[0].Parameters);
    }
}
