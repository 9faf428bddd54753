using Parley.Media.Control;
using Parley.Media.Relay.Conferences;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Conferences;

public sealed class RequestTests
{
    public static TheoryData<string, Func<EndpointSpec, EndpointSpec>> Impossible => new()
    {
        { "unknown transport of a track", e => e with { Tracks = [e.Tracks[0] with { TransportId = "other" }] } },
        { "unknown transport of a forwarder", e => e with { Forwarders = [e.Forwarders[0] with { TransportId = "other" }] } },
        { "unknown source", e => e with { Forwarders = [e.Forwarders[0] with { SourceTrackId = "nothing" }] } },
        { "source of another kind", e => e with { Forwarders = [e.Forwarders[0] with { SourceTrackId = "p2-audio" }] } },
        { "one SSRC twice", e => e with { Forwarders = [e.Forwarders[0], e.Forwarders[1] with { Ssrc = e.Forwarders[0].Ssrc }] } },
        { "SSRC of retransmissions taken", e => e with { Forwarders = [e.Forwarders[0] with { RtxSsrc = e.Forwarders[0].Ssrc }] } },
        { "incoming SSRC twice", e => e with { Tracks = [e.Tracks[0], e.Tracks[1] with { Ssrc = e.Tracks[0].Ssrc }] } },
        { "track of another endpoint's id", e => e with { Tracks = [e.Tracks[0] with { Id = "p2-video" }], Forwarders = [] } },
        { "one transport twice", e => e with { Transports = [e.Transports[0], e.Transports[0]] } },
        { "flipped DTLS role", e => e with { Transports = [e.Transports[0] with { DtlsRole = DtlsRole.Client }] } },
        { "flipped ICE role", e => e with { Transports = [e.Transports[0] with { IceRole = IceRole.Controlling }] } },
        { "peer taken away", e => e with { Transports = [e.Transports[0] with { Remote = null }] } },
        { "SHA-1 alone", e => e with { Transports = [e.Transports[0] with { Id = "new", Remote = e.Transports[0].Remote! with { Fingerprints = [new("sha-1", "00")] } }], Tracks = [], Forwarders = [] } },
        { "other certificate", e => e with { Transports = [e.Transports[0] with { Remote = e.Transports[0].Remote! with { Fingerprints = [new("sha-256", FakeDtls.FingerprintOf(new byte[32]))] } }] } },
        { "password too short", e => e with { Transports = [e.Transports[0] with { Remote = e.Transports[0].Remote! with { Password = "short" } }] } },
        { "no payload types", e => e with { Tracks = [e.Tracks[0] with { Payloads = [] }] } },
        { "payload type 200", e => e with { Tracks = [e.Tracks[0] with { Payloads = [Specs.Opus with { Number = 200 }] }] } },
        { "mid too long", e => e with { Forwarders = [e.Forwarders[0] with { Mid = new('m', 17) }] } },
        { "CNAME too long", e => e with { Forwarders = [e.Forwarders[0] with { Cname = new('c', 256) }] } },
        { "empty id", e => e with { Id = "" } },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_is_impossible_is_refused_and_changes_nothing(string what, Func<EndpointSpec, EndpointSpec> change)
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        var newcomer = relay.AddPeer("newcomer", 8);
        var fault = Assert.Throws<MediaRelayException>(() => relay.Modify(Specs.Leg(newcomer, []), change(Specs.Leg(peers[0], [peers[1]]))));
        Assert.True(fault.Fault == RelayFault.BadRequest, what);
        Assert.Equal(2, relay.Services.Counters.Endpoints);
        peers[0].SendFrame(isKeyframe: true);
        peers[1].SendFrame(isKeyframe: true);
        relay.Run(20);
        Assert.All(peers, p => Assert.Equal(3, p.On(Specs.SlotSsrc(0)).Count));
    }

    [Fact]
    public void Repeating_a_request_changes_nothing()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(3);
        EndpointSpec[] legs = [.. peers.Select(p => Specs.Leg(p, peers.Where(o => o != p)))];
        var before = relay.Modify(legs);
        relay.Run(200, now =>
        {
            if (now % 40 == 0) peers[0].SendFrame(isKeyframe: now % 200 == 0);
            if (now % 7 == 0) Assert.Equal(before.Endpoints.SelectMany(e => e.Transports).Select(t => t.Password), relay.Modify(legs).Endpoints.SelectMany(e => e.Transports).Select(t => t.Password));
        });
        var video = peers[1].On(Specs.SlotSsrc(0));
        Assert.Equal(Enumerable.Range(video[0].Header.Sequence, video.Count), video.Select(p => (int)p.Header.Sequence));
        Assert.Equal(3, relay.Dtls.Made.Count);
        Assert.DoesNotContain(peers[1].ReceivedRtcp, c => c.Length > 0 && Has(c, Parley.Media.Core.Rtcp.RtcpKind.Bye));
    }

    [Fact]
    public void An_ssrc_that_went_out_is_never_given_to_another_slot()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        var leg = Specs.Leg(peers[1], [peers[0]]);
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(20);
        relay.Modify(leg with { Forwarders = [] });
        Assert.Throws<MediaRelayException>(() => relay.Modify(leg));
        Assert.Throws<MediaRelayException>(() => relay.Modify(leg with { Forwarders = [leg.Forwarders[0] with { Ssrc = 77, RtxSsrc = Specs.SlotSsrc(0) }] }));
        relay.Modify(leg with { Forwarders = [leg.Forwarders[0] with { Ssrc = 77, RtxSsrc = 78 }] });
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(20);
        Assert.Equal(3, peers[1].On(77).Select(p => p.Part).Distinct().Count());
    }

    [Fact]
    public void A_slot_that_has_sent_nothing_may_still_be_negotiated()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        var leg = Specs.Leg(peers[1], [peers[0]]);
        relay.Modify(leg with { Forwarders = [leg.Forwarders[0] with { Payloads = [Specs.Vp8Elsewhere with { Number = 99 }] }] });
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(20);
        Assert.All(peers[1].On(Specs.SlotSsrc(0)), p => Assert.Equal(99, p.Header.PayloadType));
        Assert.Throws<MediaRelayException>(() => relay.Modify(leg));
    }

    [Fact]
    public void A_track_found_without_ssrc_is_kept_when_the_request_is_repeated()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        var leg = Specs.Leg(peers[0], [peers[1]]);
        leg = leg with { Tracks = [.. leg.Tracks.Select(t => t with { Id = "dino-" + t.Kind, Ssrc = null, RtxSsrc = null, Mid = null })] };
        var other = Specs.Leg(peers[1], [peers[0]]);
        other = other with { Forwarders = [other.Forwarders[0] with { SourceTrackId = "dino-Video" }] };
        relay.Modify(leg, other);
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(20);
        relay.Modify(leg, other);
        relay.Modify(leg with { Tracks = [.. leg.Tracks.Select(t => t.Kind == MediaKind.Video ? t with { Ssrc = peers[0].Video.Ssrc } : t)] }, other);
        peers[0].SendFrame(isKeyframe: false);
        relay.Run(20);
        Assert.Equal(6, peers[1].On(Specs.SlotSsrc(0)).Count);
    }

    [Fact]
    public void Limits_are_kept()
    {
        var relay = new VirtualRelay(limits: new RelayLimits { EndpointsPerConference = 2, TracksPerEndpoint = 2, ForwardersPerEndpoint = 2, TransportsPerEndpoint = 1 });
        var peers = relay.Fill(2);
        Assert.Equal(RelayFault.ResourceConstraint, Assert.Throws<MediaRelayException>(() => relay.Modify(Specs.Leg(relay.AddPeer("third", 3), []))).Fault);
        var leg = Specs.Leg(peers[0], [peers[1]]);
        Assert.Equal(RelayFault.ResourceConstraint, Assert.Throws<MediaRelayException>(() => relay.Modify(leg with { Transports = [leg.Transports[0], leg.Transports[0] with { Id = "u" }] })).Fault);
        Assert.Equal(RelayFault.ResourceConstraint, Assert.Throws<MediaRelayException>(() => relay.Modify(leg with { Tracks = [.. leg.Tracks, leg.Tracks[0] with { Id = "more", Ssrc = 1 }] })).Fault);
        Assert.Equal(RelayFault.ResourceConstraint, Assert.Throws<MediaRelayException>(() => relay.Modify(leg with { Forwarders = [.. leg.Forwarders, Specs.AudioSlot("more", 1, null)] })).Fault);
    }

    private static bool Has(byte[] compound, Parley.Media.Core.Rtcp.RtcpKind kind)
    {
        foreach (var packet in Parley.Media.Core.Rtcp.RtcpReader.Read(compound))
        {
            if (packet.Kind == kind) return true;
        }

        return false;
    }
}
