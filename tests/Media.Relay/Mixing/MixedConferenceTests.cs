using Parley.Media.Control;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Rtcp;
using Parley.Media.Relay.Mixing;
using Parley.tests.Media.Core.Audio;
using Parley.tests.Media.Core.Forwarding;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Mixing;

/// <summary>Endpoints that get one stream of everybody else: the mix, and the picture of whoever speaks.</summary>
public sealed class MixedConferenceTests
{
    private const uint MixSsrc = 77_000_000, PictureSsrc = 78_000_000;

    [Fact]
    public void A_plain_endpoint_hears_everybody_else_and_not_itself()
    {
        var mixer = new HandMixer();
        var relay = new VirtualRelay(mixer: mixer);
        var peers = Fill(relay, 3);
        double[] tones = [400, 900, 1700];
        Talk(relay, mixer, peers, tones, 150);

        for (var listener = 0; listener < 3; listener++)
        {
            var packets = peers[listener].On(MixSsrc);
            Assert.InRange(packets.Count, 140, 150);
            // One stream: consecutive numbers, 20 ms apart, in the leg's own payload type.
            Assert.All(packets.Zip(packets.Skip(1)), p => Assert.Equal((1, 960u), ((ushort)(p.Second.Header.Sequence - p.First.Header.Sequence), p.Second.Header.Timestamp - p.First.Header.Timestamp)));
            Assert.All(packets, p => Assert.Equal(9, p.Header.PayloadType));
            var heard = Decode(packets);
            for (var i = 0; i < 3; i++) Assert.InRange(Tones.Find(heard, tones[i]), i == listener ? 0 : 0.05, i == listener ? 0.01 : 0.5);
        }
    }

    [Fact]
    public void Who_goes_falls_silent_and_the_mix_ends_with_the_last_who_wants_it()
    {
        var mixer = new HandMixer();
        var relay = new VirtualRelay(mixer: mixer);
        var peers = Fill(relay, 3);
        Talk(relay, mixer, peers, [400, 900, 1700], 60);
        relay.Table.Modify(new(VirtualRelay.Conference, [], ["p2"]), "epoch", relay.NowMs);
        Talk(relay, mixer, [peers[0], peers[2]], [400, 1700], 100);
        var heard = Decode(peers[0].On(MixSsrc));
        Assert.InRange(Tones.Find(heard.AsSpan(^24_000..), 900), 0, 0.003);
        Assert.InRange(Tones.Find(heard.AsSpan(^24_000..), 1700), 0.05, 0.5);
        relay.Table.Modify(new(VirtualRelay.Conference, [], ["p1", "p3"]), "epoch", relay.NowMs);
        Assert.True(mixer.Mixes.Single().IsClosed);
    }

    [Fact]
    public void Who_loses_much_is_sent_what_restores_it()
    {
        var mixer = new HandMixer();
        var relay = new VirtualRelay(mixer: mixer);
        var peers = Fill(relay, 3);
        // What never changes is noise to libopus, and not worth restoring.
        Talk(relay, mixer, peers, [400, 900, 1700], 50, areSyllables: true);
        Assert.DoesNotContain(peers[0].On(MixSsrc), p => OpusPacket.HasCorrection(p.Payload));
        var (before, others) = (peers[0].On(MixSsrc).Count, peers[1].On(MixSsrc).Count);
        peers[0].SendRtcp((ref RtcpWriter rtcp) => rtcp.AddReportBlock(new(MixSsrc, 51, 10, 0, 0, 0, 0)));
        Talk(relay, mixer, peers, [400, 900, 1700], 100, from: 50, areSyllables: true);
        // From about a second on, and for nobody else, as each who speaks has a frame of their own.
        Assert.InRange(peers[0].On(MixSsrc).Skip(before).Count(p => OpusPacket.HasCorrection(p.Payload)), 30, 100);
        Assert.DoesNotContain(peers[1].On(MixSsrc).Skip(others), p => OpusPacket.HasCorrection(p.Payload));
    }

    [Fact]
    public void The_picture_is_that_of_whoever_speaks_and_changes_at_a_keyframe()
    {
        var mixer = new HandMixer();
        var relay = new VirtualRelay(mixer: mixer);
        var peers = Fill(relay, 3);
        var tick = 0;
        Speak(speaker: 1);
        Assert.Equal("p2", Seen());
        Speak(speaker: 2);
        Assert.Equal("p3", Seen());
        // Whoever speaks sees who spoke before.
        Speak(speaker: 0);
        Assert.Equal("p3", Seen());
        Assert.All(peers[0].On(PictureSsrc).Zip(peers[0].On(PictureSsrc).Skip(1)), p => Assert.Equal(1, (ushort)(p.Second.Header.Sequence - p.First.Header.Sequence)));

        // A keyframe a second, as nobody answers requests here.
        void Speak(int speaker)
        {
            relay.Run(2500, now =>
            {
                if (now % 20 != 0) return;
                tick++;
                for (var i = 0; i < 3; i++)
                {
                    peers[i].SendVoice((byte)(i == speaker ? 10 : 127), i == speaker ? 80 : 3);
                    if (tick % 2 == 0) peers[i].SendFrame(isKeyframe: tick % 50 == 0, packets: i + 2);
                }
            });
        }

        // Each sends pictures of another number of packets.
        string Seen()
        {
            var pictures = peers[0].On(PictureSsrc).GroupBy(p => p.Header.Timestamp).ToList();
            return peers[pictures[^2].Count() - 2].Id;
        }
    }

    // Dino asks for none, whatever it missed.
    [Fact]
    public void Who_never_asks_for_a_keyframe_gets_one_soon_and_now_and_then_and_after_losses()
    {
        var relay = new VirtualRelay(mixer: new HandMixer());
        var peers = Fill(relay, 2);
        var camera = new Camera(relay, peers[0]);
        for (var i = 0; i < 100 && peers[1].On(PictureSsrc).Count == 0; i++) camera.Film(20);
        var before = camera.Asked;
        camera.Film(900);
        Assert.Equal(before, camera.Asked);
        camera.Film(300);
        Assert.Equal(before + 1, camera.Asked); // whatever it dropped while it was not ready, it can begin now
        camera.Film(3_500);
        Assert.Equal(before + 1, camera.Asked);
        camera.Film(600);
        Assert.Equal(before + 2, camera.Asked);

        peers[1].SendRtcp((ref RtcpWriter rtcp) =>
        {
            rtcp.AddReceiverReport(1);
            rtcp.AddReportBlock(new(PictureSsrc, 20, 3, 0, 0, 0, 0));
        });
        camera.Film(1_500);
        Assert.Equal(before + 3, camera.Asked);
        camera.Film(2_000);
        Assert.Equal(before + 3, camera.Asked);

        peers[1].SendRtcp((ref RtcpWriter rtcp) => rtcp.AddPictureLoss(1, PictureSsrc));
        camera.Film(500);
        Assert.Equal(before + 4, camera.Asked);
        camera.Film(10_000);
        Assert.Equal(before + 4, camera.Asked); // it asks by itself
    }

    // A keyframe that one of them is given comes to all.
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Many_who_never_ask_cost_the_camera_no_more_than_one(int viewers)
    {
        var relay = new VirtualRelay(mixer: new HandMixer());
        var camera = new Camera(relay, Fill(relay, 1)[0]);
        for (var i = 0; i < viewers; i++)
        {
            Fill(relay, 1, from: i + 2);
            camera.Film(500);
        }

        camera.Film(2_000);
        var before = camera.Asked;
        camera.Film(21_000);
        Assert.InRange(camera.Asked - before, 4, 6);
    }

    [Theory]
    [InlineData(MediaKind.Audio, ForwarderFeed.Speaker, null)]
    [InlineData(MediaKind.Video, ForwarderFeed.Mix, null)]
    [InlineData(MediaKind.Audio, ForwarderFeed.Mix, "p1-audio")]
    public void What_cannot_be_is_refused(MediaKind kind, ForwarderFeed feed, string? source)
    {
        var relay = new VirtualRelay(mixer: new HandMixer());
        var peer = relay.AddPeer("p1", 1);
        var slot = (kind == MediaKind.Audio ? Specs.AudioSlot("m", MixSsrc, source) : Specs.VideoSlot("m", MixSsrc, source)) with { Feed = feed };
        var refused = Assert.Throws<MediaRelayException>(() => relay.Modify(new EndpointSpec("p1", [Specs.Transport(peer)], [Specs.AudioTrack(peer)], [slot])));
        Assert.Equal(RelayFault.BadRequest, refused.Fault);
    }

    private static LabPeer[] Fill(VirtualRelay relay, int count, int from = 1)
    {
        var peers = Enumerable.Range(from, count).Select(i => relay.AddPeer($"p{i}", i)).ToArray();
        var state = relay.Modify([.. peers.Select(p => new EndpointSpec(p.Id, [Specs.Transport(p)], [Specs.AudioTrack(p), Specs.VideoTrack(p)],
            [Specs.AudioSlot("m", MixSsrc, null) with { Feed = ForwarderFeed.Mix }, Specs.VideoSlot("s", PictureSsrc, null) with { Feed = ForwarderFeed.Speaker }]))]);
        foreach (var peer in peers) peer.Connect(Rooms.StateOf(state, peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        Assert.All(peers, p => Assert.True(p.IsConnected));
        return peers;
    }

    private static void Talk(VirtualRelay relay, HandMixer mixer, LabPeer[] peers, double[] tones, int frames, int from = 0, bool areSyllables = false)
    {
        using var encoders = new Encoders(peers.Length);
        for (var frame = from; frame < from + frames; frame++)
        {
            for (var i = 0; i < peers.Length; i++) peers[i].SendOpus(encoders.Encode(i, Tones.Make(tones[i], AudioFormat.FrameSamples, areSyllables ? 0.5 * Math.Pow(Math.Sin(Math.PI * (frame % 12) / 12), 2) : 0.3, frame * AudioFormat.FrameSamples)));
            relay.Run(20);
            mixer.Tick(relay.NowMs);
        }

        relay.Run(20);
    }

    // After a second, by when gains and filters have settled.
    private static float[] Decode(IEnumerable<Outgoing> packets)
    {
        using var decoder = new OpusAudioDecoder();
        var (frame, heard) = (new float[AudioFormat.MaxPacketSamples], new List<float>());
        foreach (var packet in packets) heard.AddRange(frame.AsSpan(0, decoder.Decode(packet.Payload, frame)));
        return [.. heard.Skip(48_000)];
    }

    // One who speaks and is seen, and gives at once the keyframe that is asked for.
    private sealed class Camera(VirtualRelay relay, LabPeer peer)
    {
        private int _answered = -1;

        public int Asked
        {
            get
            {
                var count = 0;
                foreach (var compound in peer.ReceivedRtcp)
                {
                    foreach (var packet in RtcpReader.Read(compound)) count += packet.Kind == RtcpKind.PictureLoss ? 1 : 0;
                }

                return count;
            }
        }

        public void Film(long milliseconds) => relay.Run(milliseconds, now =>
        {
            if (now % 20 != 0) return;
            peer.SendVoice(10, 80);
            if (now % 40 != 0) return;
            peer.SendFrame(isKeyframe: Asked != _answered);
            _answered = Asked;
        });
    }

    private sealed class Encoders(int count) : IDisposable
    {
        private readonly OpusAudioEncoder[] _all = [.. Enumerable.Range(0, count).Select(_ => new OpusAudioEncoder())];
        private readonly byte[] _payload = new byte[AudioFormat.MaxPayload];

        public byte[] Encode(int index, float[] frame) => _payload[.._all[index].Encode(frame, _payload)];

        public void Dispose()
        {
            foreach (var one in _all) one.Dispose();
        }
    }
}
