namespace Parley.Media.Core.Audio;

/// <summary>
/// How loud somebody speaks, on the scale of RFC 6464 turned round: what is no louder than the noise around them is silence. The noise is what never gets quieter for some seconds.
/// </summary>
public sealed class SpeechLevel
{
    /// <summary>The highest value: all that can be expressed.</summary>
    public const int Max = 127;

    private const float Quietest = -Max, Audible = -55, QuietestNoise = -70, LoudestNoise = -45, AboveNoise = 8; // dBov
    private const float Up = 0.05f, Down = 0.3f; // of noise, in decibels a frame and as a share of the difference

    private float _noise = -60;

    /// <summary>Judges a frame.</summary>
    /// <param name="level">Its root mean square.</param>
    /// <returns>0 for no speech, else how many decibels it lies above the quietest that can be expressed, at most <see cref="Max"/>.</returns>
    public int Measure(float level)
    {
        var decibels = level <= 0 ? Quietest : Math.Clamp(20 * MathF.Log10(level), Quietest, 0);
        // Silence without any noise is a gap, and says nothing of the noise that comes after it.
        if (decibels > Quietest) _noise = decibels < _noise ? MathF.Max(QuietestNoise, _noise + (decibels - _noise) * Down) : MathF.Min(LoudestNoise, _noise + Up);
        return decibels > Audible && decibels > _noise + AboveNoise ? (int)(decibels - Quietest) : 0;
    }
}
