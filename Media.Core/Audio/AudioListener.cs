using Parley.Media.Core.Audio.Prompts;

namespace Parley.Media.Core.Audio;

/// <summary>Somebody to whom the mix goes.</summary>
/// <param name="owner">Whose own voice is left out.</param>
/// <param name="format">In what it is encoded, by whatever name the mix's maker of encoders knows.</param>
public sealed class AudioListener(string owner, string format)
{
    /// <summary>Whose own voice is left out.</summary>
    public string Owner { get; } = owner;

    /// <summary>In what it is encoded.</summary>
    public string Format { get; } = format;

    /// <summary>By what its user finds it again.</summary>
    public int Id { get; init; }

    /// <summary>When what is in its latest frame was captured, in the milliseconds that packets came with; null while nobody was heard.</summary>
    public double? Captured { get; internal set; }

    /// <summary>How much it loses of what it is sent, of 100.</summary>
    public int ExpectedLoss { get; set; }

    /// <summary>Its own encoder, from the first time that it speaks on.</summary>
    internal IAudioEncoder? Encoder { get; set; }

    /// <summary>Where it hears one voice alone: frames since that fell silent.</summary>
    internal int SilentFrames { get; set; }

    /// <summary>What it is to hear beside the others; null for nothing. It ends by itself.</summary>
    public Prompt? Prompt { get; set; }

    /// <summary>Whether this frame is for it alone.</summary>
    internal bool HasOwnFrame { get; set; }

    internal Limiter Limiter { get; } = new();
}
