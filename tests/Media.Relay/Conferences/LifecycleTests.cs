using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Conferences;
using Parley.Media.Relay.Recording;
using Parley.Media.Relay.Transports;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Conferences;

public sealed class LifecycleTests
{
    [Fact]
    public void A_transport_connects_once_and_says_so()
    {
        var relay = new VirtualRelay();
        relay.Fill(2);
        Assert.Equal(["p1", "p2"], relay.Events.OfType<TransportConnected>().Select(e => e.EndpointId).Order());
        Assert.All(relay.Dtls.Made, d => Assert.True(d.IsServer));
    }

    [Fact]
    public void We_start_the_handshake_once_our_role_is_client()
    {
        var relay = new VirtualRelay();
        var peer = relay.AddPeer("p", 1, isDtlsClient: false);
        var leg = Specs.Leg(peer, []) with { Transports = [Specs.Transport(peer, role: DtlsRole.Undecided)] };
        peer.Connect(Rooms.StateOf(relay.Modify(leg), peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(500);
        Assert.False(peer.IsConnected);
        relay.Modify(leg with { Transports = [Specs.Transport(peer, role: DtlsRole.Client)] });
        relay.Run(100);
        Assert.True(peer.IsConnected);
        Assert.False(Assert.Single(relay.Dtls.Made).IsServer);
        Assert.Single(relay.Events.OfType<TransportConnected>());
    }

    [Fact]
    public void While_our_role_is_open_a_peer_that_starts_makes_us_the_server()
    {
        var relay = new VirtualRelay();
        var peer = relay.AddPeer("p", 1);
        var state = relay.Modify(Specs.Leg(peer, []) with { Transports = [Specs.Transport(peer, role: DtlsRole.Undecided)] });
        peer.Connect(Rooms.StateOf(state, peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        Assert.True(peer.IsConnected);
        Assert.True(Assert.Single(relay.Dtls.Made).IsServer);
    }

    [Fact]
    public void Checks_are_answered_once_the_peer_is_described_and_not_before()
    {
        var relay = new VirtualRelay();
        var peer = relay.AddPeer("p", 1);
        var leg = Specs.Leg(peer, []) with { Transports = [Specs.Transport(null)] };
        peer.Connect(Rooms.StateOf(relay.Modify(leg), peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(500);
        Assert.Empty(relay.Sent);
        Assert.True(relay.Services.Counters.Dropped(DropReason.StunUnknown) > 0);
        relay.Modify(Specs.Leg(peer, []));
        relay.Run(300);
        Assert.True(peer.IsConnected);
    }

    [Fact]
    public void A_certificate_that_was_not_announced_ends_the_transport()
    {
        var relay = new VirtualRelay();
        var peer = relay.AddPeer("p", 1, fingerprint: FakeDtls.FingerprintOf([.. Enumerable.Repeat((byte)99, 32)]));
        peer.Connect(Rooms.StateOf(relay.Modify(Specs.Leg(peer, [])), peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        Assert.Equal(TransportEnd.DtlsFailed, Assert.Single(relay.Events.OfType<TransportEnded>()).Why);
        Assert.Empty(relay.Events.OfType<TransportConnected>());
    }

    [Fact]
    public void Close_notify_ends_a_transport_at_once()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        peers[0].Close(relay.NowMs);
        relay.Run(10);
        var ended = Assert.Single(relay.Events.OfType<TransportEnded>());
        Assert.Equal(("p1", TransportEnd.ClosedByPeer), (ended.EndpointId, ended.Why));
    }

    [Fact]
    public void A_killed_peer_is_gone_within_fifteen_seconds()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        relay.Run(2_000, now => Talk(peers, now));
        peers[0].IsSilent = true;
        relay.Run(11_000, now => Talk(peers[1..], now));
        Assert.Empty(relay.Events.OfType<TransportEnded>());
        relay.Run(4_000, now => Talk(peers[1..], now));
        Assert.Equal(TransportEnd.ConsentExpired, Assert.Single(relay.Events.OfType<TransportEnded>()).Why);
        Assert.Contains(relay.Events, e => e is TrackFlowChanged { EndpointId: "p1", Flowing: false });
    }

    [Fact]
    public void A_peer_that_never_comes_is_given_up_after_thirty_seconds()
    {
        var relay = new VirtualRelay();
        var peer = relay.AddPeer("p", 1);
        relay.Modify(Specs.Leg(peer, []));
        relay.Run(29_000);
        Assert.Empty(relay.Events);
        relay.Run(2_000);
        Assert.Equal(TransportEnd.NeverConnected, Assert.Single(relay.Events.OfType<TransportEnded>()).Why);
    }

    [Fact]
    public void A_peer_that_checks_but_never_shakes_hands_is_given_up_too()
    {
        var relay = new VirtualRelay { Passes = (_, _, bytes) => DatagramKinds.Classify(bytes) != DatagramKind.Dtls };
        var peer = relay.AddPeer("p", 1);
        peer.Connect(Rooms.StateOf(relay.Modify(Specs.Leg(peer, [])), peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(31_000);
        Assert.Equal(TransportEnd.NeverConnected, Assert.Single(relay.Events.OfType<TransportEnded>()).Why);
    }

    [Fact]
    public void A_handshake_that_loses_half_its_datagrams_comes_about()
    {
        var random = new Random(3);
        var relay = new VirtualRelay { Passes = (_, _, bytes) => DatagramKinds.Classify(bytes) != DatagramKind.Dtls || random.Next(2) == 0 };
        var peer = relay.AddPeer("p", 1);
        peer.Connect(Rooms.StateOf(relay.Modify(Specs.Leg(peer, [])), peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(5_000);
        Assert.True(peer.IsConnected);
        Assert.Single(relay.Events.OfType<TransportConnected>());
    }

    [Fact]
    public void A_removed_endpoint_is_told_and_leaves_nothing_behind()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        relay.Table.Modify(new(VirtualRelay.Conference, [], ["p1"]), "epoch", relay.NowMs);
        relay.Run(10);
        Assert.Equal(Parley.Media.Core.Dtls.DtlsState.Closed, peers[0].Dtls.State);
        Assert.Empty(relay.Events.OfType<TransportEnded>());
        Assert.Equal(1, relay.Services.Counters.Endpoints);
        Assert.Equal(1, relay.Services.Table.Paths);
        relay.Table.Modify(new(VirtualRelay.Conference, [], [], Expire: true), "epoch", relay.NowMs);
        relay.Run(10);
        Assert.Equal((0, 0, 0), (relay.Services.Counters.Conferences, relay.Services.Counters.Endpoints, relay.Services.Table.Paths));
        Assert.All(relay.Dtls.Made, d => Assert.True(d.IsDisposed));
    }

    [Fact]
    public void An_engine_that_is_away_when_its_transport_goes_is_disposed_when_it_returns()
    {
        var relay = new VirtualRelay { HandshakeMs = 50 };
        var peer = relay.AddPeer("p", 1);
        peer.Connect(Rooms.StateOf(relay.Modify(Specs.Leg(peer, [])), peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(1_000, _ =>
        {
            if (relay.Services.Counters.Endpoints == 1 && relay.Dtls.Made[0].State == Parley.Media.Core.Dtls.DtlsState.Handshaking)
                relay.Table.Modify(new(VirtualRelay.Conference, [], ["p"]), "epoch", relay.NowMs);
        });
        Assert.Equal(0, relay.Services.Counters.Endpoints);
        Assert.True(relay.Dtls.Made[0].IsDisposed);
    }

    [Fact]
    public void A_peer_that_moves_is_followed()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        relay.Move(peers[1], AddressKey.OfIPv4(0x0A00FFFE, 7_777));
        relay.Run(2_000, now =>
        {
            Talk(peers, now);
            if (now % 100 == 0) peers[1].Probe(nominates: true);
        });
        peers[1].Received.Clear();
        relay.Run(200, now => Talk(peers, now));
        Assert.NotEmpty(peers[1].Received);
        Assert.Empty(relay.Events.OfType<TransportEnded>());
    }

    [Fact]
    public void Nobody_takes_a_living_peers_path_by_forging_its_address()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        // A guest of the same room, who knows its own password only, checks from the first peer's address.
        var thief = relay.AddPeer("thief", 5);
        var state = Rooms.StateOf(relay.Modify(Specs.Leg(thief, [])), thief);
        relay.Move(thief, AddressKey.OfIPv4(0x0A00FFFE, 7_777));
        thief.Connect(state, VirtualRelay.Address, relay.NowMs);
        var real = thief.Address;
        relay.Run(2_000, now =>
        {
            Talk(peers, now);
            if (now % 50 != 0) return;
            thief.Address = peers[0].Address;
            thief.Probe();
            thief.Address = real;
        });
        peers[1].Received.Clear();
        relay.Run(200, now => Talk(peers, now));
        Assert.InRange(peers[1].Received.Count, 8, 12);
    }

    [Fact]
    public void An_ice_restart_keeps_media_and_brings_new_credentials()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        var leg = Specs.Leg(peers[0], [peers[1]]);
        var before = Rooms.StateOf(relay.Modify(leg), peers[0]);
        var after = Rooms.StateOf(relay.Modify(leg with { Transports = [Specs.Transport(peers[0], generation: 1)] }), peers[0]);
        Assert.NotEqual(before.Ufrag, after.Ufrag);
        Assert.Equal(1, after.Generation);
        relay.Run(10_000, now => Talk(peers, now));
        Assert.Empty(relay.Events.OfType<TransportEnded>());
        peers[0].Connect(after, VirtualRelay.Address, relay.NowMs);
        peers[0].Probe();
        relay.Run(10_000, now => Talk(peers, now));
        Assert.Empty(relay.Events.OfType<TransportEnded>());
        Assert.Equal(2, relay.Services.Table.Paths);
        Assert.Equal(2, relay.Events.OfType<TransportConnected>().Count());
    }

    [Fact]
    public void Who_speaks_is_told()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(3);
        relay.Run(3_000, now =>
        {
            if (now % 20 != 0) return;
            peers[0].SendVoice(level: 100);
            peers[1].SendVoice(level: 20);
        });
        Assert.Equal("p2", Assert.Single(relay.Events.OfType<SpeakerChanged>()).EndpointId);
        relay.Table.Modify(new(VirtualRelay.Conference, [], ["p2"]), "epoch", relay.NowMs);
        Assert.Null(relay.Events.OfType<SpeakerChanged>().Last().EndpointId);
    }

    // For the index of a recording: a turn ends where its speaker falls silent, and whoever speaks already when it begins has one too.
    [Fact]
    public void Who_falls_silent_is_told_who_speaks_again_and_who_speaks_already_when_a_recording_begins()
    {
        var relay = new VirtualRelay(recorder: r => new NoRecorder(r));
        var peers = relay.Fill(2);
        void Speak(int milliseconds, byte level) => relay.Run(milliseconds, now =>
        {
            if (now % 20 == 0) peers[0].SendVoice(level);
        });

        List<bool> Told() => [.. relay.Events.OfType<SpeakerChanged>().Select(e => e is { EndpointId: "p1", IsSpeaking: true })];
        Speak(2_000, 20);
        Speak(800, 127); // a pause between words
        Speak(1_000, 20);
        Assert.Equal([true], Told());
        Speak(3_000, 127);
        Assert.Equal([true, false], Told());
        Speak(2_000, 20);
        Assert.Equal([true, false, true], Told());
        relay.Table.Modify(new(VirtualRelay.Conference, [], [], Recording: new("one", Path.GetTempPath(), RecordedMedia.None, Mix: false, long.MaxValue, 0)), "epoch", relay.NowMs);
        Assert.Equal([true, false, true, true], Told());
    }

    [Fact]
    public void An_answer_says_what_events_told()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        var legs = peers.Select(p => Specs.Leg(p, peers.Where(o => o != p))).ToArray();
        relay.Run(1_000, now => Talk(peers[..1], now));
        peers[1].Close(relay.NowMs);
        relay.Run(100, now => Talk(peers[..1], now));
        relay.Events.Clear();
        var state = relay.Modify(legs);
        Assert.Equal((true, null), (Rooms.StateOf(state, peers[0]).IsConnected, Rooms.StateOf(state, peers[0]).EndedBy));
        Assert.Equal((false, TransportEnd.ClosedByPeer), (Rooms.StateOf(state, peers[1]).IsConnected, Rooms.StateOf(state, peers[1]).EndedBy));
        Assert.Equal(["p1-audio"], state.Endpoints[0].FlowingTracks);
        Assert.Empty(state.Endpoints[1].FlowingTracks);
    }

    [Fact]
    public void Two_hundred_who_come_and_go_leave_nothing_behind()
    {
        var relay = new VirtualRelay();
        var stays = relay.AddPeer("stays", 1);
        stays.Connect(Rooms.StateOf(relay.Modify(Specs.Leg(stays, [])), stays), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        for (var i = 0; i < 200; i++)
        {
            // Every third dies instead of leaving, and every fourth restarts ICE before it goes.
            var guest = relay.AddPeer($"guest{i}", 2 + i);
            var leg = Specs.Leg(guest, [stays]);
            var slots = Specs.Leg(stays, [guest]) with { Transports = [Specs.Transport(stays)] };
            slots = slots with { Forwarders = [.. slots.Forwarders.Select(f => f with { Id = $"{f.Id}-{i}", Ssrc = f.Ssrc + 2u * (uint)i, RtxSsrc = f.RtxSsrc + 2u * (uint)i })] };
            guest.Connect(Rooms.StateOf(relay.Modify(leg, slots), guest), VirtualRelay.Address, relay.NowMs);
            relay.Run(200, now => Talk([stays], now));
            Assert.True(guest.IsConnected);
            guest.SendFrame(isKeyframe: true);
            if (i % 4 == 0) relay.Modify(leg with { Transports = [Specs.Transport(guest, generation: 1)] });
            if (i % 3 == 0) guest.Close(relay.NowMs);
            relay.Run(20, now => Talk([stays], now));
            relay.Table.Modify(new(VirtualRelay.Conference, [Specs.Leg(stays, [])], [guest.Id]), "epoch", relay.NowMs);
            relay.Events.Clear();
            relay.Sent.Clear();
        }

        Assert.Equal((1, 1), (relay.Services.Counters.Conferences, relay.Services.Counters.Endpoints));
        Assert.Equal((1, 1), (relay.Services.Table.Paths, relay.Services.Table.Ufrags));
        Assert.Equal(200, relay.Dtls.Made.Count(d => d.IsDisposed));
        stays.ReceivedRtcp.Clear();
        relay.Run(2_000, now => Talk([stays], now));
        Assert.NotEmpty(stays.ReceivedRtcp);
        relay.Table.Modify(new(VirtualRelay.Conference, [], [], Expire: true), "epoch", relay.NowMs);
        Assert.Equal((0, 0), (relay.Services.Table.Paths, relay.Services.Table.Ufrags));
    }

    [Fact]
    public void A_conference_that_its_focus_forgot_is_given_up_once_nobody_is_there()
    {
        string? gone = null;
        var relay = new VirtualRelay(abandoned: id => gone = id);
        var peers = relay.Fill(2);
        relay.Run(2 * Conference.AbandonedMs, now => Talk(peers, now));
        Assert.Equal(1, relay.Services.Counters.Conferences); // a focus has nothing to say while all is well
        foreach (var peer in peers) peer.Close(relay.NowMs);
        relay.Run(Conference.AbandonedMs - 1_000);
        Assert.Equal(1, relay.Services.Counters.Conferences);
        relay.Run(2_000);
        Assert.Equal((0, 0, 0), (relay.Services.Counters.Conferences, relay.Services.Counters.Endpoints, relay.Services.Table.Ufrags));
        Assert.Equal(VirtualRelay.Conference, gone);
    }

    [Fact]
    public void A_fault_in_one_conference_does_not_stop_the_timers_of_another()
    {
        var relay = new VirtualRelay();
        var broken = relay.Fill(1)[0];
        var other = relay.AddPeer("other", 9);
        other.Connect(relay.Table.Modify(new("elsewhere", [Specs.Leg(other, [])], []), "epoch", relay.NowMs).Endpoints[0].Transports[0], VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        broken.IsSilent = true;
        relay.Passes = (_, to, _) => to != broken.Address ? true : throw new InvalidOperationException("as the test wishes");
        other.ReceivedRtcp.Clear();
        relay.Run(3_000);
        Assert.True(relay.Services.Counters.Faults > 0);
        Assert.InRange(other.ReceivedRtcp.Count, 2, 4);
    }

    private static void Talk(IEnumerable<LabPeer> peers, long now)
    {
        if (now % 20 != 0) return;
        foreach (var peer in peers) peer.SendVoice(level: 40);
    }

    private sealed class NoRecorder(IRelayEvents events) : IRecorder
    {
        public ConferenceRecording Open(RecordingSpec spec, string conference) => new(spec, conference, NtpClock.Of(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), 1_000_000), _ => true, events);
    }
}
