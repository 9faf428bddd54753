using Parley.Media.Control;
using Parley.Media.Core.Audio;
using Parley.Media.Relay.Mixing;
using Parley.tests.Media.Core.Audio;
using Parley.tests.Media.Core.Forwarding;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Mixing;

/// <summary>Two channels for those who like them, of those who send them.</summary>
public sealed class StereoMixTests
{
    private const uint MixSsrc = 77_000_000;

    private static readonly PayloadType Stereo = Specs.Opus with { Parameters = [KeyValuePair.Create("stereo", "1"), KeyValuePair.Create("sprop-stereo", "1")] };

    private readonly HandMixer _mixer = new();
    private readonly VirtualRelay _relay;
    private readonly LabPeer[] _peers;

    public StereoMixTests()
    {
        _relay = new VirtualRelay(mixer: _mixer);
        _peers = [.. Enumerable.Range(1, 3).Select(i => _relay.AddPeer($"p{i}", i))];
    }

    [Fact]
    public void What_comes_from_the_left_is_heard_there_by_whoever_likes_two_channels_and_in_the_middle_by_others()
    {
        Connect(Stereo, Stereo, Specs.Opus);
        Talk(150);
        var (left, right) = Decode(_peers[1].On(MixSsrc));
        Assert.InRange(Tones.Find(left, 400), 0.08, 0.5);
        Assert.InRange(Tones.Find(right, 400), 0, 0.02);
        // Who speaks in one channel is in the middle.
        Assert.InRange(Tones.Find(left, 1700), 0.05, 0.5);
        Assert.InRange(Tones.Find(right, 1700), 0.05, 0.5);
        // And nobody hears themselves.
        Assert.InRange(Tones.Find(left, 900) + Tones.Find(right, 900), 0, 0.02);

        var plain = _peers[2].On(MixSsrc);
        Assert.All(plain.Skip(5), p => Assert.False(IsStereo(p)));
        (left, right) = Decode(plain);
        Assert.InRange(Tones.Find(left, 400), 0.04, 0.5);
        Assert.Equal(Tones.Find(left, 400), Tones.Find(right, 400), 3);
    }

    [Fact]
    public void Who_only_listens_shares_what_all_in_stereo_get()
    {
        Connect(Stereo, Stereo, Stereo);
        Talk(150, talking: 1);
        var (left, right) = Decode(_peers[2].On(MixSsrc));
        Assert.InRange(Tones.Find(left, 400), 0.08, 0.5);
        Assert.InRange(Tones.Find(right, 400), 0, 0.02);
        Assert.Equal(_peers[1].On(MixSsrc).Select(p => Convert.ToHexString(p.Payload)), _peers[2].On(MixSsrc).Select(p => Convert.ToHexString(p.Payload)));
    }

    [Fact]
    public void Nothing_is_done_for_two_channels_while_nobody_likes_them()
    {
        var (sends, plain) = (Stereo with { Parameters = [KeyValuePair.Create("sprop-stereo", "1")] }, Specs.Opus);
        Connect(sends, plain, plain);
        Talk(50);
        Assert.All(_peers[1].On(MixSsrc).Concat(_peers[2].On(MixSsrc)), p => Assert.False(IsStereo(p)));
        // Once somebody does, all the others go on.
        Modify([sends, plain, Stereo], isAnew: true);
        Talk(100, from: 50);
        var (left, right) = Decode(_peers[2].On(MixSsrc + 1));
        Assert.InRange(Tones.Find(left, 400), 0.08, 0.5);
        Assert.InRange(Tones.Find(right, 400), 0, 0.02);
        Assert.InRange(_peers[1].On(MixSsrc).Count, 145, 150);
    }

    // RFC 6716 section 3.1: the bit s of the first byte.
    private static bool IsStereo(Outgoing packet) => (packet.Payload[0] & 4) != 0;

    private void Connect(params PayloadType[] payloads)
    {
        var state = Modify(payloads);
        foreach (var peer in _peers) peer.Connect(Rooms.StateOf(state, peer), VirtualRelay.Address, _relay.NowMs);
        _relay.Run(300);
    }

    // Another slot where it is agreed anew, as what was sent under an SSRC binds it.
    private ConferenceState Modify(PayloadType[] payloads, bool isAnew = false) => _relay.Modify([.. _peers.Select((p, i) => new EndpointSpec(p.Id, [Specs.Transport(p)],
        [Specs.AudioTrack(p) with { Payloads = [payloads[i]] }], [Specs.AudioSlot(isAnew && i == 2 ? "n" : "m", isAnew && i == 2 ? MixSsrc + 1 : MixSsrc, null) with { Feed = ForwarderFeed.Mix, Payloads = [payloads[i]] }]))]);

    // The first speaks from the left, the second from the right, the third in one channel.
    private void Talk(int frames, int from = 0, int talking = 3)
    {
        using OpusAudioEncoder left = new(2), right = new(2), middle = new();
        var (payload, pairs) = (new byte[AudioFormat.MaxPayload], new float[2 * AudioFormat.FrameSamples]);
        for (var frame = from; frame < from + frames; frame++)
        {
            Send(0, left, frame, Pairs(400, frame, isLeft: true));
            Send(1, right, frame, Pairs(900, frame, isLeft: false));
            Send(2, middle, frame, Tones.Make(1700, AudioFormat.FrameSamples, from: frame * AudioFormat.FrameSamples));
            _relay.Run(20);
            _mixer.Tick(_relay.NowMs);
        }

        _relay.Run(20);

        void Send(int index, OpusAudioEncoder encoder, int frame, float[] samples)
        {
            if (index < talking) _peers[index].SendAudio(111, (uint)frame * 960, payload[..encoder.Encode(samples, payload)]);
        }

        float[] Pairs(double hertz, int frame, bool isLeft)
        {
            var tone = Tones.Make(hertz, AudioFormat.FrameSamples, from: frame * AudioFormat.FrameSamples);
            Array.Clear(pairs);
            for (var i = 0; i < tone.Length; i++) pairs[2 * i + (isLeft ? 0 : 1)] = tone[i];
            return pairs;
        }
    }

    // The last half second, by when gains have settled.
    private static (float[] Left, float[] Right) Decode(IEnumerable<Outgoing> packets)
    {
        using var decoder = new OpusAudioDecoder(2);
        var (frame, left, right) = (new float[2 * AudioFormat.MaxPacketSamples], new List<float>(), new List<float>());
        foreach (var packet in packets)
        {
            var count = decoder.Decode(packet.Payload, frame);
            for (var i = 0; i < count; i++)
            {
                left.Add(frame[2 * i]);
                right.Add(frame[2 * i + 1]);
            }
        }

        return ([.. left.TakeLast(24_000)], [.. right.TakeLast(24_000)]);
    }
}
