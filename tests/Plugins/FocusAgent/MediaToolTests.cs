using System.Net;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Plugins.FocusAgent.Tools;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>Programs without XMPP in a room.</summary>
public sealed class MediaToolTests : IAsyncLifetime
{
    private static readonly Jid Room = Client.RoomAddress;
    private static readonly IPAddress Here = IPAddress.Parse("10.1.2.3");
    private static readonly MediaToolRequest Both = new(Room, "Studio", Here, new(5004, "opus"), new(5006, "vp8"));

    private readonly CallLab _lab = new(new FocusAgentOptions { MaxParticipants = 3, RawUdp = new() { Enabled = true, AllowedNetworks = { "10.1.2.0/24" }, AllowedAccounts = { "ann@example.org" }, MaxTools = 3 } });

    public MediaToolTests() => _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true, HasVideoMixer = true };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task It_is_told_where_to_send_and_what_it_gets()
    {
        var made = await _lab.Tools.ConnectAsync(Both, Ct);
        Assert.Equal(MediaToolResult.Done, made.Result);
        Assert.Matches("""
            ^v=0\r
            o=- 0 0 IN IP4 192\.0\.2\.1\r
            s=tea@calls\.example\.org\r
            i=A telephone's keys are taken as payload type 101, telephone-event/48000\r
            t=0 0\r
            m=audio 5004 RTP/AVP 111\r
            i=Send opus to 192\.0\.2\.1:12\d\d\d\r
            c=IN IP4 10\.1\.2\.3\r
            a=rtpmap:111 opus/48000/2\r
            a=recvonly\r
            m=video 5006 RTP/AVPF 96\r
            i=Send VP8 to 192\.0\.2\.1:12\d\d\d\r
            c=IN IP4 10\.1\.2\.3\r
            a=rtpmap:96 VP8/90000\r
            a=rtcp-fb:96 nack pli\r
            a=recvonly\r
            $
            """.ReplaceLineEndings("\n"), made.Text);
        var endpoint = Assert.Single(_lab.Relay.Endpoints);
        Assert.Equal([(5004, 5005), (5006, 5007)], endpoint.Transports.Select(t => (t.Raw!.Rtp.Port, t.Raw.Rtcp!.Port)));
        Assert.Equal([ForwarderFeed.Mix, ForwarderFeed.Speaker], endpoint.Forwarders.Select(f => f.Feed));
        Assert.Equal([MediaKind.Audio, MediaKind.Video], endpoint.Tracks.Select(t => t.Kind));
        Assert.Equal((made.Id, "Studio", false), Assert.Single(_lab.Tools.List()) is var tool ? (tool.Id, tool.Name, tool.IsConnected) : default);
    }

    [Fact]
    public async Task Others_see_it_once_its_media_flow_and_no_more_when_they_do_not()
    {
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        var made = await _lab.Tools.ConnectAsync(Both, Ct);
        var endpoint = _lab.Relay.Endpoints.Single(e => e.Id == made.Id);
        var conference = _lab.Relay.ConferenceOf(endpoint.Id);
        await _lab.TellAsync(new TransportConnected(_lab.Relay.Epoch, conference, endpoint.Id, "audio"));
        await _lab.TickAsync();
        Assert.Equal(["Ann", "Studio"], ann.State.Users.Select(u => u.DisplayText).Order());
        Assert.True(Assert.Single(_lab.Tools.List()).IsConnected);
        await _lab.TellAsync(new TransportEnded(_lab.Relay.Epoch, conference, endpoint.Id, "audio", TransportEnd.ConsentExpired));
        await _lab.TickAsync();
        Assert.Equal(["Ann"], ann.State.Users.Select(u => u.DisplayText));
        Assert.Empty(_lab.Tools.List());
    }

    [Theory]
    [InlineData(MediaToolDirection.SendOnly, 1, 0)]
    [InlineData(MediaToolDirection.ReceiveOnly, 0, 1)]
    public async Task It_may_send_or_receive_only(MediaToolDirection direction, int tracks, int forwarders)
    {
        var made = await _lab.Tools.ConnectAsync(Both with { Audio = null, Video = new(5006, "VP8", 100, direction, HasRtcpMux: true) }, Ct);
        var endpoint = Assert.Single(_lab.Relay.Endpoints);
        Assert.Equal((tracks, forwarders), (endpoint.Tracks.Count, endpoint.Forwarders.Count));
        Assert.Null(Assert.Single(endpoint.Transports).Raw!.Rtcp);
        Assert.Equal(forwarders == 1, made.Text.Contains("m=video 5006 RTP/AVPF 100\r\n", StringComparison.Ordinal));
        Assert.Equal(tracks == 1, made.Text.Contains("i=Send", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_keys_are_taken_beside_its_audio()
    {
        var made = await _lab.Tools.ConnectAsync(Both with { Audio = new(5004, "opus", 101) }, Ct);
        Assert.Contains("i=A telephone's keys are taken as payload type 102, telephone-event/48000\r\n", made.Text, StringComparison.Ordinal);
        Assert.Equal([(101, "opus"), (102, "telephone-event")], Endpoint().Tracks[0].Payloads.Select(p => (p.Number, p.Codec)));
        Assert.Equal([101], Endpoint().Forwarders[0].Payloads.Select(p => p.Number));

        await PressAsync("*6");
        Assert.Equal([102], Endpoint().Tracks[0].Payloads.Select(p => p.Number));
        Assert.Equal(CueSound.Off, Endpoint().Forwarders[0].Cue?.Sound);
        await PressAsync("*6");
        Assert.Equal([101, 102], Endpoint().Tracks[0].Payloads.Select(p => p.Number));
        Assert.Equal(CueSound.On, Endpoint().Forwarders[0].Cue?.Sound);
        await PressAsync("*2");
        Assert.Equal((ForwarderFeed.Composed, CueSound.Done), (Endpoint().Forwarders[1].Feed, Endpoint().Forwarders[0].Cue?.Sound));

        EndpointSpec Endpoint() => _lab.Relay.Endpoints.Single(e => e.Id == made.Id);
        async Task PressAsync(string keys)
        {
            foreach (var key in keys) await _lab.TellAsync(new KeyPressed(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(made.Id!), made.Id!, Endpoint().Tracks[0].Id, key));
        }
    }

    [Fact]
    public async Task One_that_only_listens_has_no_keys()
    {
        var made = await _lab.Tools.ConnectAsync(Both with { Audio = new(5004, "PCMU", Direction: MediaToolDirection.ReceiveOnly), Video = null }, Ct);
        Assert.DoesNotContain("telephone", made.Text, StringComparison.Ordinal);
    }

    public static TheoryData<MediaToolResult, MediaToolRequest> Refused => new()
    {
        { MediaToolResult.NotAllowed, Both with { Address = IPAddress.Parse("10.1.3.3") } },
        { MediaToolResult.NotAllowed, Both with { Address = IPAddress.Loopback } },
        { MediaToolResult.NoRoom, Both with { Room = "tea@example.org" } },
        { MediaToolResult.NoRoom, Both with { Room = "calls.example.org" } },
        { MediaToolResult.Impossible, Both with { Audio = null, Video = null } },
        { MediaToolResult.Impossible, Both with { Audio = new(5004, "speex") } },
        { MediaToolResult.Impossible, Both with { Audio = new(5004, "VP8") } },
        { MediaToolResult.Impossible, Both with { Audio = new(5005, "opus") } },
        { MediaToolResult.Impossible, Both with { Audio = new(80, "opus") } },
        { MediaToolResult.Impossible, Both with { Audio = new(65536, "opus") } },
        { MediaToolResult.Impossible, Both with { Audio = new(5006, "opus") } },
        { MediaToolResult.Impossible, Both with { Audio = new(5004, "opus", 72) } },
        { MediaToolResult.Impossible, Both with { Audio = new(5004, "opus", 128) } },
        { MediaToolResult.Impossible, Both with { Audio = new(5004, "opus", 0) } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_be_is_refused_and_leaves_nothing(MediaToolResult expected, MediaToolRequest request)
    {
        var made = await _lab.Tools.ConnectAsync(request, Ct);
        Assert.Equal((expected, (string?)null), (made.Result, made.Id));
        Assert.NotEmpty(made.Text);
        Assert.Empty(_lab.Tools.List());
        Assert.Empty(_lab.Rooms.Rooms);
    }

    [Theory]
    [InlineData(RelayFault.BadRequest, MediaToolResult.Impossible)]
    [InlineData(RelayFault.ResourceConstraint, MediaToolResult.TooMany)]
    [InlineData(RelayFault.Unavailable, MediaToolResult.Off)]
    public async Task What_the_relay_refuses_is_told(RelayFault fault, MediaToolResult expected)
    {
        _lab.Relay.Judge = _ => fault;
        Assert.Equal(expected, (await _lab.Tools.ConnectAsync(Both, Ct)).Result);
        Assert.Empty(_lab.Tools.List());
    }

    [Fact]
    public async Task Off_and_without_a_relay_there_are_none()
    {
        _lab.HasRelay = false;
        Assert.Equal(MediaToolResult.Off, (await _lab.Tools.ConnectAsync(Both, Ct)).Result);
        _lab.HasRelay = true;
        _lab.Options.RawUdp.Enabled = false;
        Assert.Equal(MediaToolResult.Off, (await _lab.Tools.ConnectAsync(Both, Ct)).Result);
    }

    [Fact]
    public async Task There_are_only_so_many()
    {
        var first = await _lab.Tools.ConnectAsync(Both, Ct);
        for (var i = 0; i < 2; i++) Assert.Equal(MediaToolResult.Done, (await _lab.Tools.ConnectAsync(Both with { Room = $"room{i}@calls.example.org" }, Ct)).Result);
        Assert.Equal(MediaToolResult.TooMany, (await _lab.Tools.ConnectAsync(Both, Ct)).Result);
        Assert.True(await _lab.Tools.DisconnectAsync(first.Id!, Ct));
        Assert.False(await _lab.Tools.DisconnectAsync("nobody", Ct));
        await _lab.SettleAsync();
        Assert.Equal(MediaToolResult.Done, (await _lab.Tools.ConnectAsync(Both, Ct)).Result);
    }

    [Fact]
    public async Task A_full_room_takes_none()
    {
        for (var i = 0; i < 3; i++) await new Client(_lab, $"p{i}@example.org/page").JoinAsync();
        Assert.Equal(MediaToolResult.TooMany, (await _lab.Tools.ConnectAsync(Both, Ct)).Result);
        Assert.Empty(_lab.Tools.List());
    }

    [Fact]
    public async Task Whoever_is_allowed_connects_one_by_a_command()
    {
        const string Node = "urn:parley:tools:0#connect";
        Assert.Contains(_lab.Component.Items(Room, ReservationNames.Commands), i => i.Node == Node);
        Assert.Equal("command-node", Assert.Single(_lab.Component.Describe(Room, Node)!.Identities).Type);
        var asked = await CommandAsync(Node);
        Assert.Equal("executing", asked.Payload!["status"]);
        Assert.Contains("audio-port", asked.Payload.Child("x", ReservationNames.Forms)!.ChildrenNamed("field", ReservationNames.Forms).Select(f => f["var"]));

        var done = await CommandAsync(Node, ("address", "10.1.2.3"), ("name", "Wall"), ("video", "VP8"), ("video-port", "5006"), ("video-direction", "recvonly"));
        Assert.Equal("completed", done.Payload!["status"]);
        var id = done.Payload.Child("x", ReservationNames.Forms)!.ChildrenNamed("field", ReservationNames.Forms).Single(f => f["var"] == "id").Child("value")!.Value;
        Assert.Contains("m=video 5006 RTP/AVPF 96", done.Payload.Child("x", ReservationNames.Forms)!.ChildrenNamed("field", ReservationNames.Forms).Single(f => f["var"] == "sdp").Children.Select(v => v.Value));
        Assert.Equal((id, "Wall"), _lab.Tools.List().Single() is var tool ? (tool.Id, tool.Name) : default);

        const string Away = "urn:parley:tools:0#disconnect";
        Assert.Equal("executing", (await CommandAsync(Away)).Payload!["status"]);
        Client.AssertError(StanzaCondition.ItemNotFound, await CommandAsync(Away, ("id", "other")));
        Assert.Equal("completed", (await CommandAsync(Away, ("id", id!))).Payload!["status"]);
        await _lab.SettleAsync();
        Assert.Empty(_lab.Tools.List());
        Client.AssertError(StanzaCondition.ItemNotFound, await CommandAsync(Away));
    }

    [Theory]
    [InlineData(StanzaCondition.BadRequest, "address", "nowhere")]
    [InlineData(StanzaCondition.BadRequest, "audio-port", "-1")]
    [InlineData(StanzaCondition.BadRequest, "audio-payload", "many")]
    [InlineData(StanzaCondition.BadRequest, "audio-direction", "up")]
    [InlineData(StanzaCondition.NotAllowed, "address", "10.9.9.9")]
    [InlineData(StanzaCondition.NotAcceptable, "audio", "mp3")]
    public async Task A_form_that_cannot_be_met_is_refused(StanzaCondition expected, string field, string value)
    {
        var fields = new Dictionary<string, string> { ["address"] = "10.1.2.3", ["audio"] = "opus", ["audio-port"] = "5004" };
        fields[field] = value;
        Client.AssertError(expected, await CommandAsync("urn:parley:tools:0#connect", [.. fields.Select(f => (f.Key, f.Value))]));
        Assert.Empty(_lab.Tools.List());
    }

    [Theory]
    [InlineData("password")]
    [InlineData("lobby")]
    [InlineData("members")]
    public async Task Nobody_brings_a_tool_where_they_would_not_be_let_in(string what)
    {
        const string Node = "urn:parley:tools:0#connect";
        _lab.Options.Rooms["tea"] = new RoomOptions { Password = what == "password" ? "open sesame" : null, Lobby = what == "lobby", MembersOnly = what == "members" };
        Client.AssertError(StanzaCondition.NotAllowed, await CommandAsync(Node, ("address", "10.1.2.3"), ("audio", "opus"), ("audio-port", "5004")));
        Assert.Empty(_lab.Tools.List());
        _lab.Options.Rooms["tea"] = new RoomOptions { MembersOnly = true, Members = ["ann@example.org"] };
        Assert.Equal("completed", (await CommandAsync(Node, ("address", "10.1.2.3"), ("audio", "opus"), ("audio-port", "5004"))).Payload!["status"]);
    }

    [Fact]
    public async Task Nobody_else_may()
    {
        const string Node = "urn:parley:tools:0#connect";
        Client.AssertError(StanzaCondition.Forbidden, await CommandAsync(Node, "bob@example.org/x"));
        _lab.Options.RawUdp.Enabled = false;
        Client.AssertError(StanzaCondition.ItemNotFound, await CommandAsync(Node));
        Assert.DoesNotContain(_lab.Component.Items(Room, ReservationNames.Commands), i => i.Node == Node);
        Assert.Null(_lab.Component.Describe(Room, Node));
    }

    [Theory]
    [InlineData("AllowedNetworks")]
    [InlineData("AllowedNetworks:0", "10.1.2.3.4")]
    [InlineData("AllowedNetworks:0", "0.0.0.0/0")]
    [InlineData("AllowedNetworks:0", "::/0")]
    [InlineData("TrustedNetworks:0", "10.1.2.0/33")]
    [InlineData("AllowedAccounts:0", "a@b/c")]
    [InlineData("ConnectTimeout")]
    [InlineData("SilenceTimeout")]
    [InlineData("KeyframeInterval")]
    [InlineData("MaxTools")]
    public void A_section_that_makes_no_sense_is_told_by_key(string key, string value = "")
    {
        var options = new RawUdpOptions { Enabled = true, MaxTools = key == "MaxTools" ? -1 : 1, ConnectTimeout = Time("ConnectTimeout", 60), SilenceTimeout = Time("SilenceTimeout", 60), KeyframeInterval = Time("KeyframeInterval", 0) };
        if (key != "AllowedNetworks") options.AllowedNetworks.Add(key == "AllowedNetworks:0" ? value : "10.1.2.0/24");
        if (key == "TrustedNetworks:0") options.TrustedNetworks.Add(value);
        if (key == "AllowedAccounts:0") options.AllowedAccounts.Add(value);
        Assert.StartsWith($"RawUdp:{key}: ", Assert.Single(FocusAgentOptions.Validate(new FocusAgentOptions { RawUdp = options })), StringComparison.Ordinal);
        TimeSpan Time(string name, int otherwise) => name == key ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromSeconds(otherwise);
    }

    private Task<Iq> CommandAsync(string node, params (string Name, string Value)[] fields) => CommandAsync(node, "ann@example.org/page", fields);

    private async Task<Iq> CommandAsync(string node, string from, params (string Name, string Value)[] fields)
    {
        var command = new Element("command", ReservationNames.Commands).Attr("node", node).Attr("sessionid", fields.Length > 0 ? "s1" : null);
        if (fields.Length > 0)
        {
            var form = new Element("x", ReservationNames.Forms).Attr("type", "submit");
            foreach (var (name, value) in fields) form.Add("field", f => f.Attr("var", name).Add("value", v => v.Text(value)));
            command.Add(form);
        }

        var iq = Iq.Request("set", "c1", from, Room, command);
        var reply = await new ToolCommands(_lab.Tools, _lab.Services, _lab.Rules)
            .HandleAsync(new IqRequest(iq, new SenderInfo(SenderKind.Account, "s1"), "example.org"), Ct);
        return reply.Iq!;
    }
}
