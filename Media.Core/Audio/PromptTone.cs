namespace Parley.Media.Core.Audio;

/// <summary>A short sequence of tones that tells somebody who only listens that the call is recorded: two rising notes, twice.</summary>
public sealed class PromptTone
{
    private const int Note = AudioFormat.SampleRate * 18 / 100, Fade = AudioFormat.SampleRate / 100;
    private const float Loudness = 0.12f;

    // Hertz, a note each; 0 is a rest.
    private static readonly double[] Notes = [784, 1047, 0, 784, 1047];

    private int _at;

    /// <summary>How long it lasts, in samples.</summary>
    public static int Length => Notes.Length * Note;

    /// <summary>Adds its next part to a frame.</summary>
    /// <returns>False once there is no more.</returns>
    public bool Add(Span<float> frame)
    {
        for (var i = 0; i < frame.Length && _at < Length; i++, _at++)
        {
            var (note, within) = (Notes[_at / Note], _at % Note);
            // Faded in and out, as an edge would click.
            var edge = Math.Min(1f, Math.Min(within, Note - within) / (float)Fade);
            frame[i] += Loudness * edge * (float)Math.Sin(2 * Math.PI * note * within / AudioFormat.SampleRate);
        }

        return _at < Length;
    }
}
