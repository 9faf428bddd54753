namespace Parley.tests.Lab;

/// <summary>Finds tones in recorded sound.</summary>
public static class Tones
{
    /// <summary>How loud a tone is, in decibels of full scale.</summary>
    /// <param name="samples">One channel.</param>
    /// <param name="hertz">The tone.</param>
    /// <param name="sampleRate">Samples a second.</param>
    public static double Level(ReadOnlySpan<short> samples, int hertz, int sampleRate)
    {
        // The part of one frequency, by a window without sharp edges (Hann), which halves the sum.
        var (real, imaginary) = (0.0, 0.0);
        for (var i = 0; i < samples.Length; i++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * hertz * i / sampleRate);
            var weighed = samples[i] / 32_768.0 * (0.5 - (0.5 * Math.Cos(2 * Math.PI * i / samples.Length)));
            (real, imaginary) = (real + (weighed * cos), imaginary + (weighed * sin));
        }

        return 20 * Math.Log10(Math.Max(1e-10, 4 * Math.Sqrt((real * real) + (imaginary * imaginary)) / samples.Length));
    }
}
