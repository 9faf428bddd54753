namespace Parley.Media.Core.Audio;

/// <summary>Lowers the sample rate by a whole factor. Has a state: one stream.</summary>
public sealed class Downsampler
{
    private readonly int _factor;
    private readonly float[] _filter, _window;

    /// <summary>Makes one.</summary>
    /// <param name="factor">How many samples become one.</param>
    public Downsampler(int factor)
    {
        _factor = factor;
        var phases = LowPass.Phases(factor);
        _filter = [.. Enumerable.Range(0, LowPass.Taps * factor).Select(i => phases[i % factor][i / factor] / factor)];
        _window = new float[_filter.Length + AudioFormat.MaxPacketSamples];
    }

    /// <summary>Converts to 16-bit samples.</summary>
    /// <param name="samples">A multiple of the factor, at most <see cref="AudioFormat.MaxPacketSamples"/>.</param>
    /// <param name="to">The samples divided by the factor.</param>
    public void Convert(ReadOnlySpan<float> samples, Span<short> to)
    {
        // The filter is symmetric, so that it may run forwards over samples in their order.
        samples.CopyTo(_window.AsSpan(_filter.Length));
        for (var i = 0; i < samples.Length / _factor; i++)
            to[i] = (short)Math.Clamp(MathF.Round(Samples.Dot(_window.AsSpan((i + 1) * _factor, _filter.Length), _filter) * 32_768f), short.MinValue, short.MaxValue);
        _window.AsSpan(samples.Length, _filter.Length).CopyTo(_window);
    }
}
