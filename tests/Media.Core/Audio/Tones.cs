using Parley.Media.Core.Audio;

namespace Parley.tests.Media.Core.Audio;

/// <summary>Makes tones and finds them again.</summary>
internal static class Tones
{
    /// <summary>A tone's samples.</summary>
    public static float[] Make(double hertz, int samples, double amplitude = 0.3, int from = 0, int rate = AudioFormat.SampleRate) =>
        [.. Enumerable.Range(from, samples).Select(i => (float)(amplitude * Math.Sin(2 * Math.PI * hertz * i / rate)))];

    /// <summary>A tone as 16-bit samples.</summary>
    public static short[] MakeShort(double hertz, int samples, int rate, double amplitude = 0.3) => [.. Make(hertz, samples, amplitude, rate: rate).Select(s => (short)Math.Round(s * 32_767))];

    /// <summary>The amplitude of a tone in samples (one bin of a Fourier transform in a Hann window).</summary>
    public static double Find(ReadOnlySpan<float> samples, double hertz, int rate = AudioFormat.SampleRate)
    {
        var (re, im, weight) = (0.0, 0.0, 0.0);
        for (var i = 0; i < samples.Length; i++)
        {
            var window = 0.5 - 0.5 * Math.Cos(2 * Math.PI * i / samples.Length);
            var phase = 2 * Math.PI * hertz * i / rate;
            (re, im, weight) = (re + samples[i] * window * Math.Cos(phase), im + samples[i] * window * Math.Sin(phase), weight + window);
        }

        return 2 * Math.Sqrt(re * re + im * im) / weight;
    }

    /// <summary>The root mean square in decibels of full scale.</summary>
    public static double Decibels(ReadOnlySpan<float> samples)
    {
        var sum = 0.0;
        foreach (var sample in samples) sum += sample * sample;
        return 10 * Math.Log10(Math.Max(1e-12, sum / samples.Length));
    }
}
