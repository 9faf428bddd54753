using System.Numerics;
using System.Runtime.InteropServices;

namespace Parley.Media.Core.Audio;

/// <summary>Arithmetic over runs of samples, as many at once as the processor can.</summary>
internal static class Samples
{
    /// <summary>Adds one run to another of the same length.</summary>
    public static void Add(Span<float> to, ReadOnlySpan<float> what)
    {
        var a = MemoryMarshal.Cast<float, Vector<float>>(to);
        var b = MemoryMarshal.Cast<float, Vector<float>>(what);
        for (var i = 0; i < a.Length; i++) a[i] += b[i];
        for (var i = a.Length * Vector<float>.Count; i < to.Length; i++) to[i] += what[i];
    }

    /// <summary>Writes the difference of two runs.</summary>
    public static void Subtract(ReadOnlySpan<float> from, ReadOnlySpan<float> what, Span<float> to)
    {
        var a = MemoryMarshal.Cast<float, Vector<float>>(from);
        var b = MemoryMarshal.Cast<float, Vector<float>>(what);
        var c = MemoryMarshal.Cast<float, Vector<float>>(to);
        for (var i = 0; i < a.Length; i++) c[i] = a[i] - b[i];
        for (var i = a.Length * Vector<float>.Count; i < to.Length; i++) to[i] = from[i] - what[i];
    }

    /// <summary>The sum of the products of two runs.</summary>
    public static float Dot(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        var a = MemoryMarshal.Cast<float, Vector<float>>(one);
        var b = MemoryMarshal.Cast<float, Vector<float>>(other[..one.Length]);
        var sums = Vector<float>.Zero;
        for (var i = 0; i < a.Length; i++) sums += a[i] * b[i];
        var sum = Vector.Sum(sums);
        for (var i = a.Length * Vector<float>.Count; i < one.Length; i++) sum += one[i] * other[i];
        return sum;
    }

    /// <summary>The root mean square.</summary>
    public static float Level(ReadOnlySpan<float> samples) => samples.IsEmpty ? 0 : MathF.Sqrt(Dot(samples, samples) / samples.Length);

    /// <summary>The largest magnitude.</summary>
    public static float Peak(ReadOnlySpan<float> samples)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(samples);
        var peaks = Vector<float>.Zero;
        foreach (var vector in vectors) peaks = Vector.Max(peaks, Vector.Abs(vector));
        var peak = 0f;
        for (var i = 0; i < Vector<float>.Count; i++) peak = MathF.Max(peak, peaks[i]);
        for (var i = vectors.Length * Vector<float>.Count; i < samples.Length; i++) peak = MathF.Max(peak, MathF.Abs(samples[i]));
        return peak;
    }

    /// <summary>Writes what is common to both channels, and half of what is not, as left and right in turns.</summary>
    /// <param name="mid">Half the sum of left and right.</param>
    /// <param name="side">Half their difference; empty for none.</param>
    /// <param name="pairs">Twice as many.</param>
    public static void Join(ReadOnlySpan<float> mid, ReadOnlySpan<float> side, Span<float> pairs)
    {
        for (var i = 0; i < mid.Length; i++)
        {
            var difference = side.IsEmpty ? 0 : side[i];
            (pairs[2 * i], pairs[2 * i + 1]) = (mid[i] + difference, mid[i] - difference);
        }
    }

    /// <summary>The reverse of <see cref="Join"/>.</summary>
    public static void Split(ReadOnlySpan<float> pairs, Span<float> mid, Span<float> side)
    {
        for (var i = 0; i < mid.Length; i++) (mid[i], side[i]) = ((pairs[2 * i] + pairs[2 * i + 1]) / 2, (pairs[2 * i] - pairs[2 * i + 1]) / 2);
    }

    /// <summary>Multiplies by a gain that goes evenly from one value to another.</summary>
    public static void Ramp(Span<float> samples, float from, float to)
    {
        if (from == 1 && to == 1) return;
        var step = (to - from) / samples.Length;
        for (var i = 0; i < samples.Length; i++) samples[i] *= from + step * (i + 1);
    }
}
