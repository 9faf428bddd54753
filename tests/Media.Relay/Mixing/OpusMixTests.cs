using Parley.Media.Core.Audio;
using Parley.Media.Relay.Mixing;
using Parley.tests.Media.Core.Audio;

namespace Parley.tests.Media.Relay.Mixing;

/// <summary>The audio mixer with libopus.</summary>
public sealed class OpusMixTests
{
    [Fact]
    public void A_tone_goes_through_libopus()
    {
        using var encoder = new OpusAudioEncoder();
        using var decoder = new OpusAudioDecoder();
        var (payload, frame, heard) = (new byte[AudioFormat.MaxPayload], new float[AudioFormat.MaxPacketSamples], new List<float>());
        for (var i = 0; i < 100; i++)
        {
            var length = encoder.Encode(Tones.Make(440, 960, from: i * 960), payload);
            Assert.InRange(length, 3, 200);
            Assert.Equal(960, decoder.Measure(payload.AsSpan(0, length)));
            Assert.Equal(960, decoder.Decode(payload.AsSpan(0, length), frame));
            heard.AddRange(frame.AsSpan(0, 960));
        }

        Assert.InRange(Tones.Find([.. heard.Skip(24_000)], 440), 0.25, 0.35);
    }

    [Fact]
    public void What_makes_no_sense_is_told()
    {
        using var decoder = new OpusAudioDecoder();
        var frame = new float[AudioFormat.MaxPacketSamples];
        Assert.Equal(0, decoder.Decode([0xFF, 0xFF, 0xFF], frame));
        Assert.False(decoder.Restore([0xFF, 0xFF, 0xFF], frame.AsSpan(0, 960)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(10, 60)]
    public void Loss_and_jitter_are_concealed_to_the_ear(int lossPercent, int jitterMs)
    {
        using var encoder = new OpusAudioEncoder();
        encoder.SetExpectedLoss(lossPercent);
        using var source = new AudioSource(new OpusAudioDecoder(), 48_000, isLevelled: false);
        var random = new Random(7);
        var (payload, frame, heard) = (new byte[AudioFormat.MaxPayload], new float[AudioFormat.FrameSamples], new List<float>());
        var onTheWay = new PriorityQueue<(int Number, byte[] Payload), long>();
        for (var tick = 0; tick < 1000; tick++)
        {
            var length = encoder.Encode(Tones.Make(440, 960, from: tick * 960), payload);
            if (random.Next(100) >= lossPercent) onTheWay.Enqueue((tick, payload[..length]), tick * 20 + random.Next(jitterMs + 1));
            while (onTheWay.TryPeek(out var packet, out var at) && at <= tick * 20)
            {
                onTheWay.Dequeue();
                source.Put(packet.Number, (uint)(packet.Number * 960), 111, packet.Payload, at);
            }

            if (source.Read(frame)) heard.AddRange(frame);
            else if (heard.Count > 0) heard.AddRange(new float[960]);
        }

        // After a second, by which the delay is known: the level of each 100 ms.
        var windows = heard.Skip(48_000).Chunk(4800).Where(w => w.Length == 4800).Select(w => Tones.Decibels(w)).ToList();
        var usual = windows.Order().ElementAt(windows.Count / 2);
        TestContext.Current.TestOutputHelper!.WriteLine($"missed {source.Buffer.Missed} late {source.Buffer.Late} concealed {source.Concealed} target {source.Buffer.TargetMs} surplus {source.Buffer.SurplusMs} " + string.Join(' ', windows.Select(w => $"{w:F0}")));
        Assert.InRange(windows.Count(w => w > usual - 3) / (double)windows.Count, 0.95, 1);
        Assert.InRange(usual, -15, -12);
        if (lossPercent == 0) Assert.Equal(0, source.Concealed);
    }

    [Fact]
    public void Three_tones_each_hears_the_other_two()
    {
        using var mix = new AudioMix(_ => new OpusAudioEncoder());
        double[] tones = [400, 900, 1700];
        var (sources, encoders, heard) = (new List<AudioSource>(), new List<OpusAudioEncoder>(), new Heard());
        for (var i = 0; i < 3; i++)
        {
            sources.Add(new AudioSource(new OpusAudioDecoder(), 48_000));
            encoders.Add(new OpusAudioEncoder());
            mix.Add($"{i}", sources[i]);
            mix.Add(new AudioListener($"{i}", "opus"));
        }

        var payload = new byte[AudioFormat.MaxPayload];
        for (var tick = 0; tick < 150; tick++)
        {
            for (var i = 0; i < 3; i++)
            {
                var length = encoders[i].Encode(Tones.Make(tones[i], 960, from: tick * 960), payload);
                sources[i].Put(tick, (uint)(tick * 960), 111, payload.AsSpan(0, length), tick * 20);
            }

            mix.Tick(heard);
        }

        for (var listener = 0; listener < 3; listener++)
        {
            var samples = heard.Of($"{listener}");
            for (var i = 0; i < 3; i++) Assert.InRange(Tones.Find(samples, tones[i]), i == listener ? 0 : 0.05, i == listener ? 0.01 : 0.5);
        }

        foreach (var encoder in encoders) encoder.Dispose();
    }

    [Fact]
    public void Whoever_floods_the_way_to_the_mixer_silences_nobody()
    {
        using var encoder = new OpusAudioEncoder();
        using var decoder = new OpusAudioDecoder();
        var (payload, frame, heard) = (new byte[AudioFormat.MaxPayload], new float[AudioFormat.MaxPacketSamples], new List<float>());
        using var mix = new ConferenceMix((_, sent, _, _, _, _) => heard.AddRange(frame.AsSpan(0, decoder.Decode(sent, frame))), post: null);
        var (flood, voice) = (mix.AddVoice("mallory", MixCodec.Opus), mix.AddVoice("ann", MixCodec.Opus));
        mix.AddListener("ben", MixCodec.Opus);
        for (var tick = 0; tick < 100; tick++)
        {
            for (var i = 0; i < 3000; i++) flood.Put(tick * 3000 + i, (uint)i, 111, [0xFF, 0xFF], null, tick * 20);
            voice.Put(tick, (uint)(tick * 960), 111, payload.AsSpan(0, encoder.Encode(Tones.Make(440, 960, from: tick * 960), payload)), null, tick * 20);
            mix.Tick(0);
            mix.Drain(tick * 20);
        }

        Assert.InRange(Tones.Find([.. heard.TakeLast(24_000)], 440), 0.05, 0.5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(19)]
    public void The_way_through_takes_less_than_60_ms(int phaseMs)
    {
        using var mix = new AudioMix(_ => new OpusAudioEncoder());
        var source = new AudioSource(new OpusAudioDecoder(), 48_000);
        using var encoder = new OpusAudioEncoder();
        mix.Add("talks", source);
        mix.Add(new AudioListener("listens", "opus"));
        var (payload, heard, said) = (new byte[AudioFormat.MaxPayload], new Heard(), new List<float>());
        for (var tick = 0; tick < 100; tick++)
        {
            // Half a second of silence, then a tone.
            var frame = tick < 50 ? new float[960] : Tones.Make(440, 960, from: tick * 960);
            said.AddRange(frame);
            source.Put(tick, (uint)(tick * 960), 111, payload.AsSpan(0, encoder.Encode(frame, payload)), tick * 20 - phaseMs);
            mix.Tick(heard);
        }

        // A packet waits for its tick, up to a frame; what is left is the codecs' own delay and whatever is held back.
        var all = heard.All("listens");
        // A listener gets its first frame with the second tick.
        var (from, to) = (Onset(said), Onset(all) + said.Count - all.Count);
        var added = (to - from) / 48.0 + phaseMs;
        Assert.InRange(added, 0, 60);

        static int Onset(List<float> samples) => samples.FindIndex(s => Math.Abs(s) > 0.02);
    }

    private sealed class Heard : IAudioMixSink
    {
        private readonly Dictionary<string, (OpusAudioDecoder Decoder, List<float> Samples)> _all = [];
        private readonly float[] _frame = new float[AudioFormat.MaxPacketSamples];

        public void OnFrame(AudioListener listener, ReadOnlySpan<byte> payload)
        {
            if (!_all.TryGetValue(listener.Owner, out var one)) _all.Add(listener.Owner, one = (new OpusAudioDecoder(), []));
            one.Samples.AddRange(_frame.AsSpan(0, one.Decoder.Decode(payload, _frame)));
        }

        public List<float> All(string owner) => _all[owner].Samples;

        public float[] Of(string owner) => [.. _all[owner].Samples.Skip(48_000)];
    }
}
