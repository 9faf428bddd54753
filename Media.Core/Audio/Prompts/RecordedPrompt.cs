using System.Reflection;

namespace Parley.Media.Core.Audio.Prompts;

/// <summary>The call is recorded: two rising notes, by which one listens, and words.</summary>
/// <param name="words">The words, at <see cref="AudioFormat.SampleRate"/>.</param>
public sealed class RecordedPrompt(ReadOnlyMemory<float> words) : Prompt
{
    // Longer than a note's end sounds, so that the words begin in silence.
    private const int Rest = AudioFormat.SampleRate / 10;

    private readonly PromptTone _notes = new([784, 1047]);
    private bool _hasNotes = true;
    private int _at = -Rest;

    /// <summary>"This call is being recorded.", for where the operator has no other words (decision 052).</summary>
    public static ReadOnlyMemory<float> DefaultWords { get; } = ReadDefault();

    /// <inheritdoc/>
    public override bool IsNotice => true;

    /// <inheritdoc/>
    public override bool Add(Span<float> frame)
    {
        if (_hasNotes)
        {
            _hasNotes = _notes.Add(frame);
            return true;
        }

        for (var i = 0; i < frame.Length && _at < words.Length; i++, _at++)
        {
            if (_at >= 0) frame[i] += words.Span[_at];
        }

        return _at < words.Length;
    }

    private static float[] ReadDefault()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Audio.recorded.wav")!;
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return WaveFile.Read(file);
    }
}
