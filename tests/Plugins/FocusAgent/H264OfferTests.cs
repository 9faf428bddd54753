using System.Net;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>H.264 in offers (RFC 6184 section 8.2.2).</summary>
public sealed class H264OfferTests : IAsyncLifetime
{
    private static readonly PayloadType Units = Ours(102, "1"), SingleUnits = Ours(104, "0");

    private readonly CallLab _lab = new(new() { RawUdp = new() { Enabled = true, AllowedNetworks = { "10.1.2.0/24" } } });
    private readonly MixedCaller _dan;

    public H264OfferTests()
    {
        _dan = new(_lab, "dan@example.org/phone");
        var capabilities = _lab.Relay.Capabilities;
        _lab.Relay.Capabilities = capabilities with { HasVideoMixer = true, Codecs = [.. capabilities.Codecs, new(98, "VP9", 90_000, 1, MediaKind.Video, [], []), Units, SingleUnits] };
    }

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Who_offers_nothing_else_is_answered_in_its_own_words_and_has_it_both_ways()
    {
        var accept = await _dan.CallAsync(null, _dan.Audio(), Video(JingleSenders.Both,
            H264(119, ("level-asymmetry-allowed", "1"), ("packetization-mode", "1"), ("profile-level-id", "42e01f"), ("sprop-parameter-sets", "Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg=="), ("max-fs", "3600"))));
        var answer = Assert.Single(accept.Contents[1].Description!.Payloads);
        Assert.Equal((119, "H264", 90_000), (answer.Id, answer.Name, answer.ClockRate));
        // The caller's parameter sets are of its own stream, and what it can do beyond its level is no word of ours.
        Assert.Equal(["level-asymmetry-allowed=1", "packetization-mode=1", "profile-level-id=42e01f"], answer.Parameters.Select(p => $"{p.Key}={p.Value}"));
        Assert.Equal(["H264"], _dan.Endpoint.Tracks.Where(t => t.Kind == MediaKind.Video).SelectMany(t => t.Payloads).Select(p => p.Codec));
        Assert.Equal([119], _dan.Endpoint.Forwarders.Where(f => f.Kind == MediaKind.Video).SelectMany(f => f.Payloads).Select(p => p.Number));
    }

    // As Chromium lists them: the best is taken wherever it stands.
    [Theory]
    [InlineData("42001f/1 42001f/0 42e01f/1 42e01f/0 4d001f/1 64001f/1", "42e01f/1")]
    [InlineData("64001f/1 42e01f/0 42001f/1", "42001f/1")]
    [InlineData("64001f/1 4d001f/0 42e01f/0", "42e01f/0")]
    [InlineData("42E01F/1", "42E01F/1")]
    [InlineData("42e01f/", "42e01f/")] // mode 0, unsaid
    public void Constrained_baseline_with_fragments_is_best(string offered, string taken)
    {
        var payload = Assert.Single(Answer([.. offered.Split(' ').Select((o, i) => Of(100 + i, o))])!.Payloads);
        Assert.Equal(100 + Array.IndexOf(offered.Split(' '), taken), payload.Number);
    }

    [Theory]
    [InlineData("64001f/1")] // high
    [InlineData("4d001f/1")] // main
    [InlineData("42e01f/2")] // interleaved
    [InlineData("42e00a/1")] // level 1
    [InlineData("42f00b/1")] // level 1b
    [InlineData("/1")] // level 1, unsaid
    [InlineData("42e0/1")]
    [InlineData("x2e01f/1")]
    [InlineData("42e01f/one")]
    public void What_is_not_done_here_is_not_taken(string offered) => Assert.Null(Answer([Of(100, offered)]));

    [Theory]
    [InlineData(JingleSenders.Both, true)] // as iOS lists them
    [InlineData(JingleSenders.Both, false)]
    [InlineData(JingleSenders.Initiator, true)]
    public void Nothing_is_transcoded_that_need_not_be(JingleSenders senders, bool isFirst)
    {
        RtpPayload vp8 = new(96, "VP8", 90_000, 1, [], []), h264 = Of(100, "42e01f/1");
        var reader = new ContentReader(_lab.Relay.Capabilities, []);
        var content = reader.Read(Video(senders, isFirst ? [h264, vp8] : [vp8, h264]), out _, out _);
        Assert.Equal("VP8", Assert.Single(content!.Receives.Payloads).Codec);
        Assert.Equal("VP8", Assert.Single(content.Sends.Payloads).Codec);
    }

    [Fact]
    public void Without_the_library_it_is_as_if_it_were_not_offered()
    {
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { Codecs = [.. _lab.Relay.Capabilities.Codecs.Where(c => c.Codec != "H264")] };
        Assert.Null(Answer([Of(100, "42e01f/1")]));
        Assert.Equal(96, Assert.Single(Answer([Of(100, "42e01f/1"), new(96, "VP8", 90_000, 1, [], [])])!.Payloads).Number);
    }

    [Theory]
    [InlineData("42e01e/1", "42e01e")] // a lower level, which is what may be sent to it
    [InlineData("42e01f/0", null)] // another mode than the number had
    [InlineData("64001f/1", null)]
    [InlineData("/", null)]
    public void An_answer_to_our_offer_says_the_level(string answered, string? level)
    {
        var ours = new MediaTerms(MediaKind.Video, [Units], [], false);
        var agreed = ours.Narrow(new RtpDescription("video") { Payloads = [Of(102, answered)], RtcpMux = true });
        Assert.Equal(level, agreed?.Payloads[0].Parameters.Single(p => p.Key == "profile-level-id").Value);
    }

    [Fact]
    public async Task A_tool_may_have_it()
    {
        var made = await _lab.Tools.ConnectAsync(new(Jid.Parse(Client.RoomAddress), "Studio", IPAddress.Parse("10.1.2.3"), null, new(5006, "h264")), TestContext.Current.CancellationToken);
        Assert.Equal(MediaToolResult.Done, made.Result);
        Assert.Contains("a=rtpmap:102 H264/90000\r\na=fmtp:102 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1\r\n", made.Text, StringComparison.Ordinal);
    }

    private MediaTerms? Answer(RtpPayload[] offered) =>
        MediaTerms.Answer(new RtpDescription("video") { Payloads = offered, RtcpMux = true }, MediaKind.Video, _lab.Relay.Capabilities, JingleSenders.Initiator);

    private JingleContent Video(JingleSenders senders, params RtpPayload[] payloads) =>
        _dan.Video(senders: senders) with { Description = new RtpDescription("video") { Payloads = payloads, RtcpMux = true } };

    private static PayloadType Ours(int number, string mode) =>
        new(number, "H264", 90_000, 1, MediaKind.Video, [new("profile-level-id", "42e01f"), new("packetization-mode", mode), new("level-asymmetry-allowed", "1")], ["nack pli"], number + 1);

    // "profile-level-id/packetization-mode", either of which may be left out.
    private static RtpPayload Of(int number, string words)
    {
        var (id, mode) = (words.Split('/')[0], words.Split('/')[1]);
        return H264(number, [.. new[] { ("profile-level-id", id), ("packetization-mode", mode) }.Where(p => p.Item2.Length > 0)]);
    }

    private static RtpPayload H264(int number, params (string, string)[] parameters) => new(number, "H264", 90_000, 1, [.. parameters.Select(p => KeyValuePair.Create(p.Item1, p.Item2))], []);
}
