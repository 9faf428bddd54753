using System.Net;
using System.Net.Sockets;
using Parley.Media.Control;
using Parley.Media.Core.Rtp;
using Parley.tests.Media.Core.Forwarding;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Workers;

/// <summary>Transports without ICE over the kernel's own ports.</summary>
public sealed class RawPortTests
{
    private const int First = 23_400;

    [Fact]
    public async Task A_tool_has_a_pair_of_ports_while_it_is_there()
    {
        using var lab = Start(First, First + 1);
        using var tool = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        tool.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var peer = (await lab.FillAsync("room", 1))[0];
        var own = (IPEndPoint)tool.LocalEndPoint!;

        var state = await AddAsync(lab, own, peer.Id);
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, First), new IPEndPoint(IPAddress.Loopback, First + 1)], state.Candidates.Select(c => c.Address));
        await lab.Service.ModifyConferenceAsync(new("room", [Specs.Leg(peer, []) with { Forwarders = [Specs.VideoSlot("v0", Specs.SlotSsrc(0), "tool-video")] }], []), TestContext.Current.CancellationToken);

        var video = new VideoSource(0xAAAA, 100, 9_000);
        var (buffer, plain) = (new byte[2048], new List<Outgoing>());
        Assert.True(lab.Until(() => peer.On(Specs.SlotSsrc(0)).Count >= 3 && plain.Any(p => p.Header.Ssrc == 777), _ =>
        {
            foreach (var packet in video.Frame(isKeyframe: true)) tool.SendTo(packet, state.Candidates[0].Address);
            peer.SendFrame(isKeyframe: true);
            while (tool.Available > 0)
            {
                var length = tool.Receive(buffer);
                if (DatagramIsRtp(buffer)) plain.Add(Outgoing.Of(buffer.AsSpan(0, length)));
            }
        }), "nothing came through");

        // The only pair is taken; once the tool has gone it is free again.
        Assert.Equal(TransportEnd.NoPort, (await AddAsync(lab, own, null, "other")).EndedBy);
        await lab.Service.ModifyConferenceAsync(new("room", [], ["tool", "other"]), TestContext.Current.CancellationToken);
        Assert.Equal(2, (await AddAsync(lab, own, null, "third")).Candidates.Count);
        Assert.Equal(0, lab.Service.Faults);
    }

    [Fact]
    public async Task A_flood_and_strangers_leave_the_others_their_calls()
    {
        using var lab = Start(First + 2, First + 9);
        using var tool = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        tool.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
        var peers = await lab.FillAsync("room", 2);
        var state = await AddAsync(lab, (IPEndPoint)tool.LocalEndPoint!, null);
        var random = new Random(5);
        var rubbish = new byte[400];
        long sent = 0;
        Assert.True(lab.Until(() => peers[1].On(Specs.SlotSsrc(0)).Count >= 150 && Dropped(lab) > 5_000, now =>
        {
            for (var i = 0; i < 200; i++)
            {
                random.NextBytes(rubbish);
                rubbish[0] = (byte)(0x80 | (rubbish[0] & 0x1F));
                (i % 2 == 0 ? stranger : tool).SendTo(rubbish, state.Candidates[i % 4 / 2].Address);
            }

            if (now - sent < 20) return;
            sent = now;
            peers[0].SendFrame(isKeyframe: true);
        }), "the others' call stood still");
        Assert.Equal(0, lab.Service.Faults);
    }

    [Fact]
    public async Task A_port_of_the_relay_is_nobodys_peer()
    {
        using var lab = Start(First + 10, First + 13);
        foreach (var port in new[] { lab.Service.Ports[0], First + 10, First + 13 })
            Assert.Equal(RelayFault.BadRequest, (await Assert.ThrowsAsync<MediaRelayException>(() => AddAsync(lab, new(IPAddress.Loopback, port), null))).Fault);
    }

    private static long Dropped(SocketRelay lab) => lab.Service.ReadLoad().Dropped.Values.Sum();

    private static bool DatagramIsRtp(byte[] datagram) => DatagramKinds.Classify(datagram) == DatagramKind.Rtp;

    private static SocketRelay Start(int first, int last) =>
        new(settings: new() { Workers = 2, FirstPort = 0, BindAddress = IPAddress.Loopback, AdvertisedAddress = IPAddress.Loopback, IsLoopbackOnly = true, RawPorts = (first, last) });

    private static async Task<TransportState> AddAsync(SocketRelay lab, IPEndPoint tool, string? source, string id = "tool") =>
        (await lab.Service.ModifyConferenceAsync(new("room", [RawTools.Leg(id, source, r => r with { Rtp = tool, Rtcp = null })], []))).Endpoints[0].Transports[0];
}
