namespace Parley.Media.Core.Audio;

/// <summary>Keeps a sum of voices within what can be encoded: down at once, up again slowly.</summary>
public sealed class Limiter
{
    private const float Ceiling = 0.95f, Recovery = 0.05f;

    private float _gain = 1;

    /// <summary>Limits a frame.</summary>
    public void Apply(Span<float> frame)
    {
        var peak = Samples.Peak(frame);
        var allowed = peak * _gain > Ceiling ? Ceiling / peak : MathF.Min(1, _gain + Recovery);
        if (peak * allowed > Ceiling) allowed = Ceiling / peak;
        // A gain that falls must be down before the peak, which may be the first sample.
        if (allowed < _gain) Samples.Ramp(frame, allowed, allowed);
        else Samples.Ramp(frame, _gain, allowed);
        _gain = allowed;
    }
}
