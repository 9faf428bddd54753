using System.Buffers.Binary;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Audio.Prompts;

namespace Parley.tests.Media.Core.Audio;

/// <summary>What those who only listen are told, and the files that words come from.</summary>
public sealed class PromptTests
{
    [Fact]
    public void The_words_that_are_built_in_follow_two_notes_and_end()
    {
        var words = RecordedPrompt.DefaultWords;
        Assert.InRange(words.Length, AudioFormat.SampleRate, 3 * AudioFormat.SampleRate);
        Assert.InRange(words.ToArray().Max(Math.Abs), 0.2f, 0.8f);
        var prompt = new RecordedPrompt(words);
        Assert.True(prompt.IsNotice);
        List<float> heard = [];
        var frame = new float[AudioFormat.FrameSamples];
        for (var goesOn = true; goesOn;)
        {
            frame.AsSpan().Clear();
            goesOn = prompt.Add(frame);
            heard.AddRange(frame);
            Assert.InRange(heard.Count, 1, 10 * AudioFormat.SampleRate);
        }

        Assert.InRange(Tones.Find(heard.ToArray().AsSpan(0, PromptTone.Note), 784), 0.05, 0.2);
        Assert.InRange(Tones.Find(heard.ToArray().AsSpan(PromptTone.Note, PromptTone.Note), 1047), 0.05, 0.2);
        // Nothing of the words is lost.
        Assert.Equal(words.ToArray().Sum(w => (double)w * w), heard.Skip(2 * PromptTone.Note).Sum(w => (double)w * w), 1e-3);
        frame.AsSpan().Clear();
        Assert.False(prompt.Add(frame));
        Assert.All(frame, s => Assert.Equal(0, s));
    }

    [Theory]
    [InlineData(8_000, 1)]
    [InlineData(16_000, 1)]
    [InlineData(48_000, 1)]
    [InlineData(8_000, 7)]
    [InlineData(16_000, 7)]
    public void A_file_is_read_at_48_kHz_whatever_its_rate(int rate, int coding)
    {
        var samples = Enumerable.Range(0, rate).Select(i => (short)(16_000 * Math.Sin(2 * Math.PI * 500 * i / rate))).ToArray();
        var read = WaveFile.Read(Wave(rate, coding, samples));
        Assert.Equal(AudioFormat.SampleRate, read.Length);
        Assert.InRange(Tones.Find(read.AsSpan(4_800, 38_400), 500), 0.47, 0.5);
    }

    [Fact]
    public void Chunks_that_say_something_else_are_passed_over()
    {
        var file = Wave(8_000, 7, new short[800]);
        byte[] odd = [.. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0];
        Assert.Equal(4_800, WaveFile.Read([.. file.AsSpan(0, 12), .. odd, .. file.AsSpan(12)]).Length);
    }

    [Theory]
    [InlineData("text", "is no WAVE file")]
    [InlineData("cut", "is cut off")]
    [InlineData("stereo", "has 2 channels, not one")]
    [InlineData("coding", "has neither 16-bit samples (PCM) nor µ-law")]
    [InlineData("rate", "has 44100 samples a second, not 8000, 16000 or 48000")]
    [InlineData("empty", "holds no sound")]
    [InlineData("long", "is longer than 15 seconds")]
    [InlineData("format", "does not say its format")]
    public void What_is_wrong_with_a_file_is_said(string what, string words)
    {
        var file = Wave(what == "rate" ? 44_100 : 8_000, what == "coding" ? 3 : 1, new short[what switch { "empty" => 0, "long" => 15 * 8_000 + 1, _ => 100 }]);
        if (what == "stereo") file[22] = 2;
        if (what == "format") file[12] = (byte)'x';
        Assert.Equal(words, Assert.Throws<InvalidDataException>(() => WaveFile.Read(what switch { "text" => "hello"u8.ToArray(), "cut" => file[..^10], _ => file })).Message);
    }

    // Whatever is in a file, it is read or refused.
    [Fact]
    public void Any_bytes_are_read_or_refused()
    {
        var random = new Random(7);
        var whole = Wave(16_000, 1, new short[50]);
        for (var i = 0; i < 20_000; i++)
        {
            var file = whole[..random.Next(whole.Length + 1)];
            for (var n = random.Next(4); n > 0 && file.Length > 0; n--) file[random.Next(file.Length)] = (byte)random.Next(256);
            try
            {
                Assert.InRange(WaveFile.Read(file).Length, 1, WaveFile.MaxSeconds * AudioFormat.SampleRate);
            }
            catch (InvalidDataException)
            {
                // As it should be.
            }
        }
    }

    private static byte[] Wave(int rate, int coding, short[] samples)
    {
        var width = coding == 7 ? 1 : 2;
        var file = new byte[44 + samples.Length * width];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), (short)coding);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), rate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), rate * width);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), (short)width);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), (short)(8 * width));
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), samples.Length * width);
        for (var i = 0; i < samples.Length; i++)
        {
            if (width == 1) file[44 + i] = G711.ToMu(samples[i]);
            else BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(44 + 2 * i), samples[i]);
        }

        return file;
    }
}
