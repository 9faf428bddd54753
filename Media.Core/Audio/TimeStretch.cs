namespace Parley.Media.Core.Audio;

/// <summary>
/// Makes speech shorter or longer by one period of its voice, so that nobody hears it: the period is where the signal resembles itself most, and the two are faded into one another.
/// </summary>
public static class TimeStretch
{
    /// <summary>The longest period, in samples: 12.5 ms, a voice of 80 Hz.</summary>
    public const int MaxPeriod = 600;

    private const int MinPeriod = 120, Step = 4;

    /// <summary>Takes a period out.</summary>
    /// <param name="samples">A frame or more, best two of <see cref="MaxPeriod"/>; what is left stands at the beginning.</param>
    /// <returns>How many samples were taken out.</returns>
    public static int Shorten(Span<float> samples) => Shorten(samples, FindPeriod(samples));

    /// <summary>Repeats a period.</summary>
    /// <param name="samples">A frame or more, and room for a period behind it.</param>
    /// <param name="length">How many there are.</param>
    /// <returns>How many samples were added.</returns>
    public static int Lengthen(Span<float> samples, int length) => Lengthen(samples, length, FindPeriod(samples[..length]));

    /// <summary>Takes a period of a known length out.</summary>
    internal static int Shorten(Span<float> samples, int period)
    {
        CrossFade(samples[..period], samples.Slice(period, period), samples);
        samples[(2 * period)..].CopyTo(samples[period..]);
        return period;
    }

    /// <summary>Repeats a period of a known length.</summary>
    internal static int Lengthen(Span<float> samples, int length, int period)
    {
        samples[period..length].CopyTo(samples[(2 * period)..]);
        // first, the second fading into the first again, then the second as it was: it stands behind already
        Span<float> first = stackalloc float[period];
        samples[..period].CopyTo(first);
        CrossFade(samples.Slice(2 * period, period), first, samples[period..]);
        return period;
    }

    /// <summary>Finds the period after which the samples resemble themselves most.</summary>
    internal static int FindPeriod(ReadOnlySpan<float> samples)
    {
        var (best, bestScore) = (MinPeriod, float.MinValue);
        for (var lag = MinPeriod; lag <= Math.Min(MaxPeriod, samples.Length / 2); lag += Step)
        {
            var one = samples[..lag];
            var other = samples.Slice(lag, lag);
            var energy = Samples.Dot(one, one) * Samples.Dot(other, other);
            var score = energy > 0 ? Samples.Dot(one, other) / MathF.Sqrt(energy) : 0;
            if (score > bestScore) (best, bestScore) = (lag, score);
        }

        return best;
    }

    private static void CrossFade(ReadOnlySpan<float> from, ReadOnlySpan<float> into, Span<float> to)
    {
        for (var i = 0; i < from.Length; i++)
        {
            var weight = (i + 0.5f) / from.Length;
            to[i] = from[i] * (1 - weight) + into[i] * weight;
        }
    }
}
