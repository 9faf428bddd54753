using Parley.Media.Control;

namespace Parley.Plugins.FocusAgent.Conferences;

/// <summary>A stream that a participant sends.</summary>
/// <param name="id">Unique in the conference.</param>
/// <param name="kind">Audio or video.</param>
public sealed class Track(string id, MediaKind kind)
{
    /// <summary>Unique in the conference.</summary>
    public string Id { get; } = id;

    /// <summary>Audio or video.</summary>
    public MediaKind Kind { get; } = kind;

    /// <summary>Its sender says that nothing comes.</summary>
    public bool IsMuted { get; set; }

    /// <summary>The relay sees packets of it.</summary>
    public bool IsFlowing { get; set; }

    /// <summary>It shows a screen and not a person.</summary>
    public bool IsSlides { get; set; }

    /// <summary>Whether there is something to hear or see.</summary>
    public bool IsActive => IsFlowing && !IsMuted;
}
