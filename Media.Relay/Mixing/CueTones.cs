using Parley.Media.Control;
using Parley.Media.Core.Audio.Prompts;

namespace Parley.Media.Relay.Mixing;

/// <summary>The notes of cues: none like another, nor like what tells that a call is recorded.</summary>
internal static class CueTones
{
    private const double Low = 330, Middle = 523, High = 659;

    /// <summary>What a cue sounds like.</summary>
    public static PromptTone Of(CueSound sound) => new(sound switch
    {
        CueSound.On => [Middle, High],
        CueSound.Off => [High, Middle],
        CueSound.Done => [High],
        _ => [Low, 0, Low],
    });
}
