namespace Parley.Media.Core.Audio;

/// <summary>Brings voices to about the same loudness: slowly, in bounds, and only while somebody speaks.</summary>
public sealed class AutomaticGain
{
    private const float Wanted = 0.1f, Least = 0.35f, Most = 4f, Audible = 0.006f; // -20 dBFS; -9 and 12 dB; -44 dBFS
    private const float Up = 0.004f, Down = 0.02f;

    private float _gain = 1;

    /// <summary>How loud the latest frame was before: its root mean square.</summary>
    public float Level { get; private set; }

    /// <summary>Levels a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="side">What is to get as loud or quiet; empty for nothing.</param>
    public void Apply(Span<float> frame, Span<float> side = default)
    {
        Level = Samples.Level(frame);
        var before = _gain;
        if (Level >= Audible)
        {
            var wanted = Math.Clamp(Wanted / Level, Least, Most);
            _gain += (wanted - _gain) * (wanted > _gain ? Up : Down);
        }

        Samples.Ramp(frame, before, _gain);
        if (!side.IsEmpty) Samples.Ramp(side, before, _gain);
    }
}
