namespace Parley.Media.Core.Audio.Prompts;

/// <summary>A short sequence of notes.</summary>
/// <param name="notes">Their frequencies in hertz; 0 is a rest.</param>
public sealed class PromptTone(IReadOnlyList<double> notes) : Prompt
{
    /// <summary>How long a note lasts, in samples.</summary>
    public const int Note = AudioFormat.SampleRate * 18 / 100;

    private const int Fade = AudioFormat.SampleRate / 100;
    private const float Loudness = 0.12f;

    private int _at;

    /// <summary>How long it lasts, in samples.</summary>
    public int Length => notes.Count * Note;

    /// <inheritdoc/>
    public override bool Add(Span<float> frame)
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
