using System.Net;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Core.Rtcp;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Transports;
using Parley.tests.Media.Core.Forwarding;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Conferences;

/// <summary>Transports without ICE (XEP-0177) beside browsers, in virtual time.</summary>
public sealed class RawTransportTests
{
    private readonly RawTools _tools = new();
    private readonly VirtualRelay _relay;

    public RawTransportTests() => _relay = new VirtualRelay(rawPorts: _tools);

    [Fact]
    public void A_tools_packets_reach_a_browser_and_a_browsers_the_tool_in_the_clear()
    {
        var (peer, tool) = Join();
        tool.SendFrame(_relay, isKeyframe: true);
        _relay.Run(50);
        Assert.Equal(3, peer.On(Specs.SlotSsrc(0)).Count);

        peer.SendFrame(isKeyframe: true);
        peer.SendOpus([1, 2, 3]);
        _relay.Run(50);
        Assert.Equal(3, tool.On(777).Count(p => p.Frame > 0));
        Assert.Equal([1, 2, 3], Assert.Single(tool.On(778)).Payload);
        Assert.Contains(_relay.Events, e => e is TransportConnected { EndpointId: "tool" });
    }

    [Fact]
    public void It_is_told_a_pair_of_ports_and_gets_RTP_and_RTCP_at_its_own_two()
    {
        var (_, tool) = Join(out var state);
        Assert.Equal([(1, 12_000), (2, 12_001)], state.Candidates.Select(c => (c.Component, c.Address.Port)));
        tool.SendFrame(_relay, isKeyframe: true);
        _relay.Run(2_000);
        Assert.Contains(tool.Received, r => r.FromRtcp && r.To.Port == 5005);
        Assert.DoesNotContain(tool.Received, r => r.To.Address != AddressKey.OfIPv4(RawTools.Host, 0).Address || r.To.Port != (r.FromRtcp ? 5005 : 5004));
    }

    [Fact]
    public void With_one_port_RTCP_goes_where_RTP_does()
    {
        var (_, tool) = Join(change: r => r with { Rtcp = null });
        tool.SendFrame(_relay, isKeyframe: true);
        _relay.Run(2_000);
        Assert.Contains(tool.Received, r => DatagramKinds.Classify(r.Bytes) == DatagramKind.Rtcp);
        Assert.All(tool.Received, r => Assert.Equal((false, 5004), (r.FromRtcp, r.To.Port)));
    }

    [Fact]
    public void Nobody_is_sent_anything_who_did_not_send_first()
    {
        var (peer, tool) = Join();
        _relay.Run(3_000, now => Talk(peer, now));
        Assert.Empty(tool.Received);
        // Nor for another's packet, nor for what is none.
        tool.SendFrame(_relay, isKeyframe: true, from: AddressKey.OfIPv4(0x0A000901, 5004));
        tool.Send(_relay, [1, 2, 3, 4, 5]);
        tool.Send(_relay, [.. Enumerable.Repeat((byte)0x80, 4)]);
        tool.Send(_relay, tool.Video.Foreign(35));
        tool.Send(_relay, [0x80, 200, 0xFF, 0xFF]);
        _relay.Run(1_000, now => Talk(peer, now));
        Assert.Empty(tool.Received);
        Assert.Equal(3, _relay.Services.Counters.Dropped(DropReason.RawSource));

        tool.SendFrame(_relay, isKeyframe: true);
        _relay.Run(1_000, now => Talk(peer, now));
        Assert.NotEmpty(tool.On(777));
    }

    [Fact]
    public void Unless_it_was_asked_for()
    {
        var (peer, tool) = Join(change: r => r with { SendsUnheard = true });
        _relay.Run(40_000, now => Talk(peer, now));
        Assert.NotEmpty(tool.On(777));
        Assert.DoesNotContain(_relay.Events, e => e is TransportEnded);
    }

    [Fact]
    public void A_second_sender_is_heard_only_once_the_first_is_silent()
    {
        var (peer, tool) = Join();
        var other = AddressKey.OfIPv4(RawTools.Host, 6000);
        var second = new VideoSource(0xBBBB, 40_000, 77);
        tool.SendFrame(_relay, isKeyframe: true);
        _relay.Run(200);
        foreach (var packet in second.Frame(isKeyframe: true)) tool.Send(_relay, packet, other);
        Assert.Equal(3, _relay.Services.Counters.Dropped(DropReason.RawSource));
        _relay.Run(600);
        Assert.Equal(3, peer.On(Specs.SlotSsrc(0)).Count);

        foreach (var packet in second.Frame(isKeyframe: true)) tool.Send(_relay, packet, other);
        _relay.Run(50);
        var all = peer.On(Specs.SlotSsrc(0));
        Assert.Equal(6, all.Count);
        for (var i = 1; i < all.Count; i++) Assert.Equal((ushort)(all[i - 1].Header.Sequence + 1), all[i].Header.Sequence);
    }

    [Theory]
    [InlineData(0xAAAAu, 5)] // the same SSRC from the beginning, as where a tool fixes it
    [InlineData(0xCCCCu, 300)]
    public void A_tool_that_starts_anew_goes_on_as_the_same_stream(uint ssrc, int sequence)
    {
        var (peer, tool) = Join();
        for (var i = 0; i < 20; i++) tool.SendFrame(_relay, isKeyframe: i == 0);
        _relay.Run(1_000);
        tool.Video = new(ssrc, (ushort)sequence, 1);
        tool.SendFrame(_relay, isKeyframe: true);
        tool.SendFrame(_relay, isKeyframe: false);
        _relay.Run(50);
        var all = peer.On(Specs.SlotSsrc(0));
        Assert.Equal(66, all.Count);
        for (var i = 1; i < all.Count; i++) Assert.Equal((ushort)(all[i - 1].Header.Sequence + 1), all[i].Header.Sequence);
    }

    [Fact]
    public void Silence_ends_it_and_RTCP_and_a_mute_are_no_silence()
    {
        var (_, tool) = Join();
        tool.SendFrame(_relay, isKeyframe: true);
        for (var i = 0; i < 4; i++)
        {
            _relay.Run(20_000);
            tool.SendReport(_relay);
        }

        // A moderator took its tracks away; it goes on sending.
        Modify(Tool() with { Tracks = [] });
        for (var i = 0; i < 4; i++)
        {
            _relay.Run(20_000);
            tool.SendFrame(_relay, isKeyframe: true);
        }

        Modify(Tool(isMuted: true));
        _relay.Run(50_000);
        Assert.DoesNotContain(_relay.Events, e => e is TransportEnded { EndpointId: "tool" });
        Assert.False(tool.IsClosed);
        Modify(Tool());
        _relay.Run(29_000); // counted from here, as it takes a while to speak again
        Assert.False(tool.IsClosed);
        tool.SendReport(_relay);
        _relay.Run(29_000);
        Assert.False(tool.IsClosed);
        _relay.Run(2_000);
        Assert.Equal(TransportEnd.ConsentExpired, Assert.Single(_relay.Events.OfType<TransportEnded>(), e => e.EndpointId == "tool").Why);
        Assert.True(tool.IsClosed);
        tool.SendFrame(_relay, isKeyframe: true); // late: nobody's
        Assert.Equal(3, _relay.Services.Counters.Dropped(DropReason.UnknownPath));
    }

    [Fact]
    public void Who_never_begins_is_given_up()
    {
        Join();
        _relay.Run(31_000);
        Assert.Equal(TransportEnd.NeverConnected, Assert.Single(_relay.Events.OfType<TransportEnded>(), e => e.EndpointId == "tool").Why);
    }

    [Fact]
    public void Without_a_free_port_it_says_so()
    {
        _tools.HasPorts = false;
        var state = Modify(Tool());
        Assert.Equal(TransportEnd.NoPort, Assert.Single(state.Endpoints[0].Transports).EndedBy);
        _relay.Run(50);
        Assert.Equal(TransportEnd.NoPort, Assert.Single(_relay.Events.OfType<TransportEnded>()).Why);
    }

    [Fact]
    public void What_the_tool_cannot_ask_for_is_asked_for_it()
    {
        var (peer, tool) = Join();
        tool.SendFrame(_relay, isKeyframe: true);
        peer.SendFrame(isKeyframe: true);
        _relay.Run(16_000, now =>
        {
            if (now % 100 == 0) peer.SendFrame(isKeyframe: false);
            if (now % 1000 == 0) tool.SendReport(_relay);
        });
        var requests = Plis(peer);
        Assert.InRange(requests, 3, 40);
    }

    [Fact]
    public void A_tool_that_asks_for_keyframes_itself_is_left_to_it()
    {
        var (peer, tool) = Join();
        tool.SendFrame(_relay, isKeyframe: true);
        peer.SendFrame(isKeyframe: true);
        var rtcp = new RtcpWriter(new byte[100]);
        rtcp.AddReceiverReport(5);
        rtcp.AddPictureLoss(5, 777);
        tool.Send(_relay, rtcp.Written.ToArray());
        _relay.Run(1_000);
        peer.SendFrame(isKeyframe: true);
        _relay.Run(100);
        var before = Plis(peer);
        _relay.Run(16_000, now =>
        {
            if (now % 100 == 0) peer.SendFrame(isKeyframe: false);
            if (now % 1000 == 0) tool.SendReport(_relay);
        });
        Assert.Equal(before, Plis(peer));
    }

    [Fact]
    public void Rubbish_from_the_tool_does_no_harm()
    {
        var (peer, tool) = Join();
        var random = new Random(3);
        var frames = Enumerable.Range(0, 50).SelectMany(i => tool.Video.Frame(i % 10 == 0)).ToList();
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = frames[random.Next(frames.Count)].ToArray();
            for (var flips = random.Next(1, 8); flips > 0; flips--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            tool.Send(_relay, random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            if (i % 100 == 0) _relay.Run(20);
        }

        _relay.Run(1_000);
        Assert.Equal(0, _relay.Services.Counters.Faults);
        peer.Received.Clear();
        tool.Video = new(0xDDDD, 1, 1);
        tool.SendFrame(_relay, isKeyframe: true);
        _relay.Run(50);
        Assert.Equal(3, peer.On(Specs.SlotSsrc(0)).Count);
    }

    public static TheoryData<string, Func<RawTransport, RawTransport>> Impossible => new()
    {
        { "multicast", r => r with { Rtp = new(IPAddress.Parse("239.1.1.1"), 5004), Rtcp = null } },
        { "broadcast", r => r with { Rtp = new(IPAddress.Broadcast, 5004), Rtcp = null } },
        { "no address", r => r with { Rtp = new(IPAddress.Any, 5004), Rtcp = null } },
        { "no IPv6 address", r => r with { Rtp = new(IPAddress.IPv6Any, 5004), Rtcp = null } },
        { "link-local", r => r with { Rtp = new(IPAddress.Parse("fe80::1"), 5004), Rtcp = null } },
        { "mapped", r => r with { Rtp = new(IPAddress.Parse("::ffff:10.0.9.1"), 5004), Rtcp = null } },
        { "a service's port", r => r with { Rtp = new(r.Rtp.Address, 53) } },
        { "a service's port for RTCP", r => r with { Rtcp = new(r.Rtp.Address, 53) } },
        { "a port of the relay", r => r with { Rtp = new(r.Rtp.Address, 12_004), Rtcp = null } },
        { "another's address for RTCP", r => r with { Rtcp = new(IPAddress.Parse("10.0.9.77"), 5005) } },
        { "no time to begin", r => r with { ConnectTimeout = TimeSpan.Zero } },
        { "no silence", r => r with { SilenceTimeout = TimeSpan.FromDays(2) } },
        { "keyframes before they are wanted", r => r with { KeyframeInterval = TimeSpan.FromSeconds(-1) } },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_is_impossible_is_refused(string what, Func<RawTransport, RawTransport> change)
    {
        var fault = Assert.Throws<MediaRelayException>(() => Modify(Tool(change)));
        Assert.True(fault.Fault == RelayFault.BadRequest, what);
        Assert.Empty(_tools.All);
    }

    [Fact]
    public void A_peer_never_changes_and_ICE_does_not_come_or_go()
    {
        var (peer, _) = Join();
        Assert.Equal(RelayFault.BadRequest, Assert.Throws<MediaRelayException>(() => Modify(Tool(r => r with { SendsUnheard = true }))).Fault);
        Assert.Equal(RelayFault.BadRequest, Assert.Throws<MediaRelayException>(() => Modify(Tool() with { Transports = [Specs.Transport(peer)] })).Fault);
        Assert.Equal(RelayFault.BadRequest, Assert.Throws<MediaRelayException>(() => Modify(Specs.Leg(peer, []) with { Transports = [Tool().Transports[0]] })).Fault);
        Assert.Equal(RelayFault.Unavailable, Assert.Throws<MediaRelayException>(() => new VirtualRelay().Modify(Tool())).Fault);
    }

    private static EndpointSpec Tool(Func<RawTransport, RawTransport>? change = null, bool isMuted = false) => RawTools.Leg("tool", null, change, isMuted);

    private static void Talk(LabPeer peer, long now)
    {
        if (now % 100 == 0) peer.SendFrame(isKeyframe: true);
    }

    private static int Plis(LabPeer peer) => peer.ReceivedRtcp.Sum(compound =>
    {
        var count = 0;
        foreach (var packet in RtcpReader.Read(compound)) count += packet.Kind == RtcpKind.PictureLoss ? 1 : 0;
        return count;
    });

    private ConferenceState Modify(EndpointSpec endpoint) => _relay.Modify(endpoint);

    private (LabPeer Peer, RawTool Tool) Join(Func<RawTransport, RawTransport>? change = null) => Join(out _, change);

    private (LabPeer Peer, RawTool Tool) Join(out TransportState state, Func<RawTransport, RawTransport>? change = null)
    {
        var peer = _relay.Fill(1)[0];
        state = _relay.Modify(RawTools.Leg("tool", peer.Id, change)).Endpoints[0].Transports[0];
        _relay.Modify(Specs.Leg(peer, []) with { Forwarders = [Specs.VideoSlot("v0", Specs.SlotSsrc(0), "tool-video"), Specs.AudioSlot("a0", Specs.SlotSsrc(0) + 500, "tool-audio")] });
        return (peer, _tools.All[^1]);
    }
}
