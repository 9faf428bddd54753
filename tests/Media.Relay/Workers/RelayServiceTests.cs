using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Core.Rtcp;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Workers;

/// <summary>The relay as it runs: sockets on loopback, threads, OpenSSL on both sides.</summary>
public sealed class RelayServiceTests
{
    [Fact]
    public async Task Three_peers_hear_and_see_each_other()
    {
        using var relay = new SocketRelay();
        var peers = await relay.FillAsync("room", 3);
        var next = SocketRelay.NowMs;
        var frames = 0;
        Assert.True(relay.Until(() => peers.All(p => p.On(Specs.SlotSsrc(0)).Count >= 60 && p.On(Specs.SlotSsrc(1)).Count >= 60 && p.On(Specs.SlotSsrc(0) + 500).Count >= 20), now =>
        {
            if (now < next) return;
            next = now + 20;
            foreach (var peer in peers)
            {
                peer.SendVoice(30);
                peer.SendFrame(isKeyframe: frames % 10 == 0);
            }

            frames++;
        }));
        Assert.All(peers, p => Assert.Equal(0, p.Rubbish));

        var lost = peers[1].On(Specs.SlotSsrc(0))[^1];
        peers[1].SendNack(Specs.SlotSsrc(0), lost.Header.Sequence);
        Assert.True(relay.Until(() => peers[1].On(Specs.SlotSsrc(0) + 1).Any(r => r.Payload.AsSpan(2).SequenceEqual(lost.Payload))));

        relay.Run(700);
        peers[0].ReceivedRtcp.Clear();
        peers[1].SendRtcp((ref RtcpWriter rtcp) => rtcp.AddPictureLoss(1, Specs.SlotSsrc(0)));
        Assert.True(relay.Until(() => peers[0].ReceivedRtcp.Any(IsPictureLoss)));
        Assert.Equal(0, relay.Service.Faults);
        var load = relay.Service.ReadLoad();
        Assert.Equal((2, 1, 3), (load.Workers, load.Conferences, load.Endpoints));
        Assert.True(load.PacketsOut >= 2 * load.PacketsIn - 100, $"{load}");
    }

    [Fact]
    public async Task Conferences_are_spread_over_the_workers_and_end_for_good()
    {
        using var relay = new SocketRelay();
        var one = await relay.FillAsync("one", 2);
        var two = await relay.FillAsync("two", 2, firstSeed: 11);
        foreach (var peers in new[] { one, two })
        {
            peers[0].SendFrame(isKeyframe: true);
            Assert.True(relay.Until(() => peers[1].On(Specs.SlotSsrc(0)).Count == 3));
        }

        Assert.Equal(2, relay.Service.Ports.Distinct().Count());
        one[0].Ice.TryGetPath(out _, out var first);
        two[0].Ice.TryGetPath(out _, out var second);
        Assert.Equal(relay.Service.Ports.Order(), new[] { (int)first.Port, second.Port }.Order());

        await relay.Service.ModifyConferenceAsync(new("one", [], [], Expire: true), TestContext.Current.CancellationToken);
        Assert.Equal(1, relay.Service.ReadLoad().Conferences);
        Assert.True(relay.Until(() => one.All(p => p.Dtls.State == Parley.Media.Core.Dtls.DtlsState.Closed)));
        Assert.Empty((await relay.Service.ModifyConferenceAsync(new("one", [], [], Expire: true), TestContext.Current.CancellationToken)).Endpoints);
    }

    /// <summary>Handshakes cross threads: whoever joins, one after another, is connected and gets the others' media, every time.</summary>
    [Fact]
    public async Task Whoever_joins_while_others_talk_gets_media()
    {
        using var relay = new SocketRelay();
        for (var round = 0; round < 15; round++)
        {
            var room = $"room{round}";
            var inside = new List<LabPeer>();
            for (var i = 1; i <= 4; i++)
            {
                var peer = relay.AddPeer($"p{round}.{i}", round * 10 + i);
                inside.Add(peer);
                var state = await relay.Service.ModifyConferenceAsync(new(room, [.. inside.Select(p => Specs.Leg(p, inside.Where(o => o != p)))], []), TestContext.Current.CancellationToken);
                var transport = Rooms.StateOf(state, peer);
                peer.Connect(transport, AddressKey.Of(transport.Candidates[0].Address), SocketRelay.NowMs);
                var next = SocketRelay.NowMs;
                Assert.True(relay.Until(() => inside.All(p => p.IsConnected && Enumerable.Range(0, inside.Count - 1).All(slot => p.On(Specs.SlotSsrc(slot) + 500).Count > 0 && p.On(Specs.SlotSsrc(slot)).Count > 0)), now =>
                {
                    if (now < next) return;
                    next = now + 20;
                    foreach (var talking in inside.Where(p => p.IsConnected))
                    {
                        talking.SendVoice(30);
                        talking.SendFrame(isKeyframe: talking.ReceivedRtcp.RemoveAll(IsPictureLoss) > 0);
                    }
                }), $"round {round}, peer {i}");
            }

            await relay.Service.ModifyConferenceAsync(new(room, [], [], Expire: true), TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, relay.Service.Faults);
    }

    [Fact]
    public async Task Close_notify_is_told_at_once()
    {
        using var relay = new SocketRelay();
        var peers = await relay.FillAsync("room", 2);
        var before = SocketRelay.NowMs;
        peers[0].Close(before);
        Assert.True(relay.Until(() => relay.Events.Any(e => e is TransportEnded { EndpointId: "p1", Why: TransportEnd.ClosedByPeer })));
        Assert.True(SocketRelay.NowMs - before < 1_000);
    }

    [Fact]
    public async Task A_stopping_relay_says_goodbye_and_refuses_more()
    {
        var relay = new SocketRelay();
        var peers = await relay.FillAsync("room", 2);
        relay.Service.Dispose();
        Assert.True(relay.Until(() => peers.All(p => p.Dtls.State == Parley.Media.Core.Dtls.DtlsState.Closed)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => relay.Service.ModifyConferenceAsync(new("room", [], []), TestContext.Current.CancellationToken));
        relay.Dispose();
    }

    [Fact]
    public async Task A_media_port_answers_nothing_unauthenticated_and_survives_anything()
    {
        using var relay = new SocketRelay();
        var peers = await relay.FillAsync("room", 2);
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var samples = Samples(peers[0]);
        var random = new Random(21);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = samples[random.Next(samples.Length)].ToArray();
            for (var j = random.Next(6); j > 0 && bytes.Length > 0; j--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length + 1)];
            stranger.SendTo(bytes, new IPEndPoint(IPAddress.Loopback, relay.Service.Ports[i % 2]));
            if (i % 200 == 0) relay.Run(1);
        }

        stranger.SendTo(new byte[4_000], new IPEndPoint(IPAddress.Loopback, relay.Service.Ports[0]));
        relay.Run(300);
        Assert.Equal(0, stranger.Available);
        Assert.Equal(0, relay.Service.Faults);
        var dropped = relay.Service.ReadLoad().Dropped;
        Assert.True(dropped["unknown-path"] > 1_000 && dropped["unknown-protocol"] > 100 && dropped["stun-malformed"] > 100, string.Join(", ", dropped));
        peers[0].SendFrame(isKeyframe: true);
        Assert.True(relay.Until(() => peers[1].On(Specs.SlotSsrc(0)).Count == 3));
    }

    /// <summary>Firefox pairs no loopback address with another (design section 5): on a laptop it comes by the interface's address to the interface's address.</summary>
    [Fact]
    public async Task A_loopback_only_relay_is_reached_by_the_machines_own_addresses()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().Where(i => i.OperationalStatus == OperationalStatus.Up).SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(u => u.Address).FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        Assert.SkipWhen(own is null, "this machine has no address but loopback");
        using var relay = new SocketRelay();
        var peer = relay.AddPeer("p", 1, own);
        var state = await relay.Service.ModifyConferenceAsync(new("room", [Specs.Leg(peer, [])], []), TestContext.Current.CancellationToken);
        var transport = Rooms.StateOf(state, peer);
        Assert.Equal(IPAddress.Loopback, transport.Candidates[0].Address.Address);
        var there = transport.Candidates.Single(c => c.Address.Address.Equals(own));
        peer.Connect(transport, AddressKey.Of(there.Address), SocketRelay.NowMs);
        Assert.True(relay.Until(() => peer.IsConnected));
        peer.Ice.TryGetPath(out _, out var remote);
        Assert.Equal(AddressKey.Of(there.Address), remote);
    }

    private static bool IsPictureLoss(byte[] compound)
    {
        foreach (var packet in RtcpReader.Read(compound))
        {
            if (packet.Kind == RtcpKind.PictureLoss) return true;
        }

        return false;
    }

    /// <summary>A check with a wrong password, a ClientHello's beginning, RTP, RTCP, a channel's data, and nothing known.</summary>
    private static byte[][] Samples(LabPeer peer)
    {
        var stun = new byte[] { 0, 1, 0, 24, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 6, 0, 17 };
        var name = System.Text.Encoding.ASCII.GetBytes("aaaaaaaa:" + peer.Credentials.Ufrag);
        var random = new byte[200];
        Random.Shared.NextBytes(random);
        return
        [
            [.. stun, .. name, 0, 0, 0],
            [22, 254, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 60, 1, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0, 48, 254, 253, .. random.AsSpan(0, 46)],
            [0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, .. random.AsSpan(0, 100)],
            [0x80, 200, 0, 6, 0, 0, 0, 1, .. random.AsSpan(0, 40)],
            [0x40, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8],
            random,
        ];
    }
}
