using Parley.Media.Core.Audio;

namespace Parley.tests.Media.Core.Audio;

public sealed class CodecTests
{
    [Theory]
    [InlineData(0, 0xFF, 0xD5)]
    [InlineData(8, 0xFE, 0xD5)]
    [InlineData(-8, 0x7E, 0x55)]
    [InlineData(1000, 0xCE, 0xFA)]
    [InlineData(-1000, 0x4E, 0x7A)]
    [InlineData(32_767, 0x80, 0xAA)]
    [InlineData(-32_768, 0x00, 0x2A)]
    public void G711_writes_the_codes_of_the_recommendation(int sample, byte mu, byte a)
    {
        Assert.Equal(mu, G711.ToMu((short)sample));
        Assert.Equal(a, G711.ToA((short)sample));
    }

    [Fact]
    public void G711_reads_what_it_writes_and_is_off_by_half_a_step_at_most()
    {
        for (var code = 0; code < 256; code++)
        {
            // Two codes are zero in µ-law.
            Assert.Equal(G711.FromMu((byte)code), G711.FromMu(G711.ToMu(G711.FromMu((byte)code))));
            Assert.Equal((byte)code, G711.ToA(G711.FromA((byte)code)));
        }

        for (var sample = -32_000; sample <= 32_000; sample++)
        {
            Assert.InRange(G711.FromMu(G711.ToMu((short)sample)) - sample, -Step(sample), Step(sample));
            Assert.InRange(G711.FromA(G711.ToA((short)sample)) - sample, -Step(sample), Step(sample));
        }

        static int Step(int sample) => Math.Max(16, Math.Abs(sample) / 28 + 2);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    [InlineData(3000)]
    [InlineData(6000)]
    public void G722_gives_tones_of_both_bands_back(double hertz)
    {
        var samples = Tones.MakeShort(hertz, 16_000, 16_000);
        var coded = new byte[8000];
        new G722Encoder().Encode(samples, coded);
        var decoded = new short[16_000];
        new G722Decoder().Decode(coded, decoded);
        // After the filters' delay, once they have settled.
        var heard = decoded.Skip(4000).Take(8000).Select(s => s / 32_767f).ToArray();
        var amplitude = Tones.Find(heard, hertz, 16_000);
        Assert.InRange(amplitude, 0.27, 0.33);
        Assert.InRange(Tones.Decibels(heard) - 20 * Math.Log10(amplitude / Math.Sqrt(2)), -0.1, 0.3); // what else is there is little
    }

    [Theory]
    [InlineData("PCMU", 400)]
    [InlineData("PCMA", 400)]
    [InlineData("PCMU", 3000)]
    [InlineData("G722", 400)]
    [InlineData("G722", 6000)]
    public void Tones_go_through_encoder_and_decoder_at_48_kHz(string codec, double hertz)
    {
        using IAudioEncoder encoder = codec == "G722" ? new G722AudioEncoder() : new LawEncoder(codec == "PCMU");
        using IAudioDecoder decoder = codec == "G722" ? new G722AudioDecoder() : new LawDecoder(codec == "PCMU");
        var heard = new List<float>();
        var (payload, frame) = (new byte[AudioFormat.MaxPayload], new float[AudioFormat.MaxPacketSamples]);
        for (var i = 0; i < 50; i++)
        {
            var length = encoder.Encode(Tones.Make(hertz, AudioFormat.FrameSamples, from: i * AudioFormat.FrameSamples), payload);
            Assert.Equal(160, length);
            Assert.Equal(AudioFormat.FrameSamples, decoder.Measure(payload.AsSpan(0, length)));
            var samples = decoder.Decode(payload.AsSpan(0, length), frame);
            Assert.Equal(AudioFormat.FrameSamples, samples);
            heard.AddRange(frame.AsSpan(0, samples));
        }

        var settled = heard.Skip(9600).Take(24_000).ToArray();
        Assert.InRange(Tones.Find(settled, hertz), 0.27, 0.33);
        Assert.InRange(Tones.Decibels(settled), -14.5, -12.5); // nothing is mirrored: a sine of 0.3 has -13.5
    }

    [Fact]
    public void What_the_lower_rate_cannot_hold_does_not_come_back_as_something_else()
    {
        var down = new Downsampler(6);
        var narrow = new short[8000];
        var tone = Tones.Make(7000, 48_000);
        for (var i = 0; i < 48_000; i += 960) down.Convert(tone.AsSpan(i, 960), narrow.AsSpan(i / 6));
        Assert.InRange(Tones.Decibels(narrow.Skip(800).Select(s => s / 32_767f).ToArray()), -120, -60);
    }

    [Theory]
    [InlineData(new byte[] { 0x78 }, 960)] // hybrid, 20 ms
    [InlineData(new byte[] { 0x08 }, 960)] // SILK, 20 ms
    [InlineData(new byte[] { 0x18 }, 2880)] // SILK, 60 ms
    [InlineData(new byte[] { 0xE0 }, 120)] // CELT, 2.5 ms
    [InlineData(new byte[] { 0xF9 }, 1920)] // CELT, two of 20 ms
    [InlineData(new byte[] { 0xFB, 0x03 }, 2880)]
    [InlineData(new byte[] { 0x1B, 0x03 }, 0)] // three of 60 ms are more than a packet may hold
    [InlineData(new byte[] { 0xFB }, 0)]
    [InlineData(new byte[0], 0)]
    public void Opus_packets_tell_how_long_they_are(byte[] payload, int samples) => Assert.Equal(samples, OpusPacket.Samples(payload));

    [Theory]
    [InlineData(new byte[] { 0x68, 0xC0 }, true)] // hybrid, 20 ms
    [InlineData(new byte[] { 0x68, 0x80 }, false)]
    [InlineData(new byte[] { 0x18, 0xF0 }, true)] // SILK, 60 ms: the fourth flag
    [InlineData(new byte[] { 0x18, 0xE0 }, false)]
    [InlineData(new byte[] { 0x0C, 0x90 }, true)] // stereo: the other channel's
    [InlineData(new byte[] { 0xF8, 0xFF }, false)] // CELT has none
    [InlineData(new byte[] { 0x68 }, false)]
    public void Opus_packets_tell_whether_they_restore_their_predecessor(byte[] payload, bool has) => Assert.Equal(has, OpusPacket.HasCorrection(payload));

    [Fact]
    public void Payloads_that_are_too_long_are_refused()
    {
        using var law = new LawDecoder(true);
        using var g722 = new G722AudioDecoder();
        Assert.Equal(0, law.Measure(new byte[1601]));
        // 200 ms are taken (RFC 3551 section 4.2).
        Assert.Equal(9_600, law.Decode(new byte[1600], new float[AudioFormat.MaxPacketSamples]));
        Assert.Equal(9_600, g722.Decode(new byte[1600], new float[AudioFormat.MaxPacketSamples]));
        Assert.Equal(0, law.Decode(new byte[1601], new float[AudioFormat.MaxPacketSamples]));
        Assert.Equal(0, g722.Decode(new byte[1601], new float[AudioFormat.MaxPacketSamples]));
        Assert.Equal(0, law.Decode([], new float[AudioFormat.MaxPacketSamples]));
    }
}
