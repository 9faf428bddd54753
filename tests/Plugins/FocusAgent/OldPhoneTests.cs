using Parley.Media.Control;
using Parley.Xmpp.Core.Jingle;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>One-to-one clients without Opus: gateways and old phones.</summary>
public sealed class OldPhoneTests : IAsyncLifetime
{
    private static readonly PayloadType[] Telephony =
    [
        new(9, "G722", 8_000, 1, MediaKind.Audio, [], []), new(0, "PCMU", 8_000, 1, MediaKind.Audio, [], []), new(8, "PCMA", 8_000, 1, MediaKind.Audio, [], []),
    ];

    private readonly CallLab _lab = new();
    private readonly Client _gateway;

    public OldPhoneTests()
    {
        _gateway = new Client(_lab, "gateway@example.org/trunk");
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true, Codecs = [.. _lab.Relay.Capabilities.Codecs, .. Telephony] };
    }

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Theory]
    [InlineData("""<payload-type id="0" name="PCMU" clockrate="8000"/><payload-type id="8" name="PCMA" clockrate="8000"/>""", 0, "PCMU")]
    [InlineData("""<payload-type id="8" name="pcma" clockrate="8000"/>""", 8, "PCMA")]
    [InlineData("""<payload-type id="18" name="G729" clockrate="8000"/><payload-type id="9" name="G722" clockrate="8000"/><payload-type id="0" name="PCMU" clockrate="8000"/>""", 9, "G722")]
    // The numbers alone say it (XEP-0167 section 5), and some tell how G.722 samples.
    [InlineData("""<payload-type id="0"/>""", 0, "PCMU")]
    [InlineData("""<payload-type id="9" name="G722" clockrate="16000"/>""", 9, "G722")]
    // What everybody has goes first, wherever it stands.
    [InlineData("""<payload-type id="0"/><payload-type id="96" name="opus" clockrate="48000" channels="2"/>""", 96, "opus")]
    public async Task It_is_taken_with_the_best_that_it_has(string payloads, int number, string codec)
    {
        Assert.Equal("result", (await _gateway.AskAsync(Offer(payloads))).Type);
        var accept = Assert.Single(_gateway.Of(JingleAction.SessionAccept));
        var answered = Assert.Single(accept.Contents[0].Description!.Payloads);
        Assert.Equal((number, codec), (answered.Id, answered.Name!), new SameCodec());
        var endpoint = Assert.Single(_lab.Relay.Endpoints);
        Assert.Equal((number, codec), (endpoint.Tracks[0].Payloads[0].Number, endpoint.Tracks[0].Payloads[0].Codec), new SameCodec());
        var slot = Assert.Single(endpoint.Forwarders);
        Assert.Equal((ForwarderFeed.Mix, number), (slot.Feed, slot.Payloads[0].Number));
        Assert.Equal(codec == "opus" ? 48_000 : 8_000, slot.Payloads[0].ClockRate);
    }

    [Theory]
    [InlineData("""<payload-type id="18"/>""")]
    [InlineData("""<payload-type id="0" name="L16" clockrate="8000"/>""")]
    [InlineData("""<payload-type id="0" name="PCMU" clockrate="16001"/>""")]
    public async Task It_is_refused_where_there_is_nothing_in_common(string payloads)
    {
        Assert.Equal("result", (await _gateway.AskAsync(Offer(payloads))).Type);
        Assert.Equal(JingleCondition.IncompatibleParameters, Assert.Single(_gateway.Of(JingleAction.SessionTerminate)).Reason!.Condition);
    }

    [Theory]
    [InlineData("<payload-type id='101' name='telephone-event' clockrate='8000'><parameter value='0-15'/></payload-type>", 101, 8_000)]
    // Events count time as the audio does (RFC 4733 section 2.1).
    [InlineData("<payload-type id='110' name='telephone-event' clockrate='48000'/><payload-type id='126' name='telephone-event' clockrate='8000'/>", 126, 8_000)]
    [InlineData("<payload-type id='110' name='telephone-event' clockrate='48000'/>", 110, 48_000)]
    public async Task Its_keys_are_taken_and_none_are_sent(string keys, int number, int clock)
    {
        await CallAsync(keys);
        var accept = Assert.Single(_gateway.Of(JingleAction.SessionAccept));
        Assert.Equal([(0, "PCMU", 8_000), (number, "telephone-event", clock)], accept.Contents[0].Description!.Payloads.Select(p => (p.Id, p.Name!, p.ClockRate)));
        Assert.Equal([0, number], Track.Payloads.Select(p => p.Number));
        Assert.Equal([0], Endpoint.Forwarders[0].Payloads.Select(p => p.Number));
    }

    [Fact]
    public async Task Star_six_switches_the_microphone_off_and_on()
    {
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        await CallAsync(Keys);
        Assert.Equal("sendrecv", StatusFor(ann));

        await PressAsync("6*#*5*6");
        await _lab.TickAsync();
        Assert.Equal("inactive", StatusFor(ann));
        // The keys alone are taken, so that they may switch it on again.
        Assert.Equal([101], Track.Payloads.Select(p => p.Number));

        await PressAsync("**6");
        await _lab.TickAsync();
        Assert.Equal([0, 101], Track.Payloads.Select(p => p.Number));
        await FlowsAsync();
        Assert.Equal("sendrecv", StatusFor(ann));
    }

    [Fact]
    public async Task Star_six_takes_a_moderator_s_mute_back_but_not_what_is_held()
    {
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        await CallAsync(Keys);
        await ModerateAsync(ann, "mute");
        Assert.Equal([101], Track.Payloads.Select(p => p.Number));
        await PressAsync("*6");
        Assert.Equal([0, 101], Track.Payloads.Select(p => p.Number));

        await ModerateAsync(ann, "mute", isHeld: true);
        await PressAsync("*6*6");
        Assert.Equal([101], Track.Payloads.Select(p => p.Number));
    }

    [Fact]
    public async Task Star_nine_raises_the_hand_and_takes_it_down()
    {
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        await CallAsync(Keys);
        await PressAsync("*9");
        await _lab.TickAsync();
        Assert.Equal("1", HandFor(ann));
        await PressAsync("*9");
        await _lab.TickAsync();
        Assert.Null(HandFor(ann));
    }

    private const string Keys = "<payload-type id='101' name='telephone-event' clockrate='8000'/>";

    private EndpointSpec Endpoint => _lab.Relay.Endpoints.Single(e => e.Forwarders.Any(f => f.Feed == ForwarderFeed.Mix));

    private TrackSpec Track => Assert.Single(Endpoint.Tracks);

    private async Task CallAsync(string keys)
    {
        Assert.Equal("result", (await _gateway.AskAsync(Offer("<payload-type id='0'/>" + keys))).Type);
        foreach (var transport in Endpoint.Transports) await _lab.TellAsync(new TransportConnected(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(Endpoint.Id), Endpoint.Id, transport.Id));
        await FlowsAsync();
    }

    private async Task FlowsAsync()
    {
        await _lab.TellAsync(new TrackFlowChanged(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(Endpoint.Id), Endpoint.Id, Track.Id, true));
        await _lab.TickAsync();
    }

    private async Task PressAsync(string keys)
    {
        foreach (var key in keys) await _lab.TellAsync(new KeyPressed(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(Endpoint.Id), Endpoint.Id, Track.Id, key));
    }

    private static Parley.Xmpp.Core.Coin.ConferenceUser PhoneFor(Client page) => page.State.Users.Single(u => u.Entity.Contains("gateway", StringComparison.Ordinal));

    private static string? HandFor(Client page) => PhoneFor(page).Extension?["hand"];

    private async Task ModerateAsync(Client moderator, string act, bool isHeld = false)
    {
        await _lab.TickAsync();
        var answer = isHeld ? await moderator.ModerateAsync(act, ("participant", PhoneFor(moderator).Endpoint), ("held", "true")) : await moderator.ModerateAsync(act, ("participant", PhoneFor(moderator).Endpoint));
        Assert.Equal("result", answer.Type);
    }

    private static string? StatusFor(Client page) => Assert.Single(PhoneFor(page).Media).Status;

    private Parley.Xmpp.Core.Xml.Element Offer(string payloads) => Fixture.Read($"""
        <jingle xmlns="urn:xmpp:jingle:1" action="session-initiate" sid="{_gateway.Sid}" initiator="{_gateway.Jid}">
        <content creator="initiator" name="audio" senders="both">
        <description xmlns="urn:xmpp:jingle:apps:rtp:1" media="audio">{payloads}<rtcp-mux/></description>
        <transport xmlns="urn:xmpp:jingle:transports:ice-udp:1" ufrag="abcd" pwd="0123456789012345678901"><fingerprint xmlns="urn:xmpp:jingle:apps:dtls:0" hash="sha-256" setup="actpass">{string.Join(':', Enumerable.Repeat("AB", 32))}</fingerprint></transport>
        </content>
        </jingle>
        """);

    private sealed class SameCodec : IEqualityComparer<(int Number, string Codec)>
    {
        public bool Equals((int Number, string Codec) x, (int Number, string Codec) y) => x.Number == y.Number && x.Codec.Equals(y.Codec, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode((int Number, string Codec) obj) => obj.Number;
    }
}
