namespace Parley.Media.Core.Audio;

/// <summary>The filter between a rate and a multiple of it: a sinc in a Blackman window that lets 90 % of the narrower band pass.</summary>
internal static class LowPass
{
    /// <summary>Input samples that one output sample hangs on.</summary>
    public const int Taps = 24;

    /// <summary>The coefficients for a factor, <see cref="Taps"/> for each phase, which add up to 1 in each.</summary>
    public static float[][] Phases(int factor)
    {
        var length = Taps * factor;
        var (middle, cut) = ((length - 1) / 2.0, 0.9 / factor);
        var phases = Enumerable.Range(0, factor).Select(_ => new float[Taps]).ToArray();
        for (var i = 0; i < length; i++)
        {
            var t = (i - middle) * cut;
            var sinc = t == 0 ? 1 : Math.Sin(Math.PI * t) / (Math.PI * t);
            var window = 0.42 - 0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / length) + 0.08 * Math.Cos(4 * Math.PI * (i + 0.5) / length);
            phases[i % factor][i / factor] = (float)(sinc * window);
        }

        foreach (var phase in phases)
        {
            var sum = phase.Sum();
            for (var i = 0; i < Taps; i++) phase[i] /= sum;
        }

        return phases;
    }
}
