using System.Buffers.Binary;

namespace Parley.Media.Core.Audio.Prompts;

/// <summary>
/// Short sounds in RIFF WAVE files: one channel, 8, 16 or 48 kHz, 16-bit samples or µ-law (IBM and Microsoft, Multimedia Programming Interface and Data Specifications 1.0, "Waveform Audio File Format").
/// </summary>
public static class WaveFile
{
    /// <summary>The longest that is read, in seconds.</summary>
    public const int MaxSeconds = 15;

    /// <summary>The largest file that can be one of these, in bytes.</summary>
    public const int MaxBytes = MaxSeconds * AudioFormat.SampleRate * 2 + 65_536;

    private const int FormatLength = 16, Pcm = 1, MuLaw = 7;

    /// <summary>Reads a file.</summary>
    /// <param name="file">All of it.</param>
    /// <returns>The samples at <see cref="AudioFormat.SampleRate"/>, between -1 and 1.</returns>
    /// <exception cref="InvalidDataException">It is none, or not one of these; the message says what is wrong.</exception>
    public static float[] Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < 12 || !file.StartsWith("RIFF"u8) || !file[8..].StartsWith("WAVE"u8)) throw new InvalidDataException("is no WAVE file");
        ReadOnlySpan<byte> format = [], data = [];
        for (var rest = file[12..]; rest.Length >= 8;)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            var body = rest[8..];
            if (length > body.Length) throw new InvalidDataException("is cut off");
            var chunk = body[..(int)length];
            if (rest.StartsWith("fmt "u8)) format = chunk;
            else if (rest.StartsWith("data"u8)) data = chunk;
            rest = body[Math.Min(body.Length, (int)(length + length % 2))..]; // padded to even
        }

        if (format.Length < FormatLength) throw new InvalidDataException("does not say its format");
        var (coding, channels) = (BinaryPrimitives.ReadUInt16LittleEndian(format), BinaryPrimitives.ReadUInt16LittleEndian(format[2..]));
        var (rate, bits) = (BinaryPrimitives.ReadUInt32LittleEndian(format[4..]), BinaryPrimitives.ReadUInt16LittleEndian(format[14..]));
        if (channels != 1) throw new InvalidDataException($"has {channels} channels, not one");
        if ((coding, bits) is not ((Pcm, 16) or (MuLaw, 8))) throw new InvalidDataException("has neither 16-bit samples (PCM) nor µ-law");
        if (rate is not (8_000 or 16_000 or AudioFormat.SampleRate)) throw new InvalidDataException($"has {rate} samples a second, not 8000, 16000 or 48000");
        var samples = new short[coding == MuLaw ? data.Length : data.Length / 2];
        if (samples.Length == 0) throw new InvalidDataException("holds no sound");
        if (samples.Length > MaxSeconds * rate) throw new InvalidDataException($"is longer than {MaxSeconds} seconds");
        for (var i = 0; i < samples.Length; i++) samples[i] = coding == MuLaw ? G711.FromMu(data[i]) : BinaryPrimitives.ReadInt16LittleEndian(data[(2 * i)..]);
        return Raise(samples, AudioFormat.SampleRate / (int)rate);
    }

    private static float[] Raise(short[] samples, int factor)
    {
        if (factor == 1) return [.. samples.Select(s => s / 32_768f)];
        var raised = new float[samples.Length * factor];
        new Upsampler(factor).Convert(samples, raised);
        return raised;
    }
}
