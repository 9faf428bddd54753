namespace Parley.Media.Core.Audio;

/// <summary>Raises the sample rate by a whole factor. Has a state: one stream.</summary>
/// <param name="factor">How many samples come of one.</param>
public sealed class Upsampler(int factor)
{
    private readonly float[][] _phases = LowPass.Phases(factor);
    private readonly float[] _history = new float[LowPass.Taps];

    /// <summary>Converts 16-bit samples.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="to"><c>factor</c> times as many, between -1 and 1.</param>
    public void Convert(ReadOnlySpan<short> samples, Span<float> to)
    {
        for (var i = 0; i < samples.Length; i++)
        {
            // The newest sample first, as the coefficients count backwards in time.
            _history.AsSpan(0, LowPass.Taps - 1).CopyTo(_history.AsSpan(1));
            _history[0] = samples[i] / 32_768f;
            for (var phase = 0; phase < factor; phase++) to[i * factor + phase] = Samples.Dot(_history, _phases[phase]);
        }
    }
}
