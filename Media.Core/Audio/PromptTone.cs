namespace Parley.Media.Core.Audio;

/// <summary>A short sequence of notes for somebody who only listens.</summary>
/// <param name="notes">Their frequencies in hertz; 0 is a rest.</param>
/// <param name="isNotice">Whether it is heard to the end, whatever else there is to tell.</param>
public sealed class PromptTone(IReadOnlyList<double> notes, bool isNotice = false)
{
    /// <summary>How long a note lasts, in samples.</summary>
    public const int Note = AudioFormat.SampleRate * 18 / 100;

    private const int Fade = AudioFormat.SampleRate / 100;
    private const float Loudness = 0.12f;

    private int _at;

    /// <summary>Whether it is heard to the end, whatever else there is to tell.</summary>
    public bool IsNotice => isNotice;

    /// <summary>How long it lasts, in samples.</summary>
    public int Length => notes.Count * Note;

    /// <summary>The call is recorded: two rising notes, twice.</summary>
    public static PromptTone Recorded() => new([784, 1047, 0, 784, 1047], isNotice: true);

    /// <summary>Adds its next part to a frame.</summary>
    /// <returns>False once there is no more.</returns>
    public bool Add(Span<float> frame)
    {
        for (var i = 0; i < frame.Length && _at < Length; i++, _at++)
        {
            var (note, within) = (notes[_at / Note], _at % Note);
            // Faded in and out, as an edge would click.
            var edge = Math.Min(1f, Math.Min(within, Note - within) / (float)Fade);
            frame[i] += Loudness * edge * (float)Math.Sin(2 * Math.PI * note * within / AudioFormat.SampleRate);
        }

        return _at < Length;
    }
}
