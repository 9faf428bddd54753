using Parley.Media.Control;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>What a moderator did to somebody's stream.</summary>
public enum Silence
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>It was muted; its sender may take that back.</summary>
    Muted,
    /// <summary>It is held: only moderators take that back.</summary>
    Held,
}

/// <summary>What one participant may do and has done to it.</summary>
public sealed class Rights
{
    private Silence _audio, _video;

    /// <summary>By what the conference knows this person again: the bare address of an account, or a guest's secret.</summary>
    public string Key { get; set; } = "";

    /// <summary>Of a media tool, the <see cref="Key"/> of whoever brought it: where they may not be, it may not. Null for the operator's, and for people.</summary>
    public string? Owner { get; set; }

    /// <summary>A moderator made this participant one.</summary>
    public bool IsGranted { get; set; }

    /// <summary>What it is to the chat room that the call is tied to; null where there is none.</summary>
    public ChatRoomStanding? Standing { get; set; }

    /// <summary>Its place among those who raised a hand, by time; null while the hand is down.</summary>
    public long? Hand { get; set; }

    /// <summary>What was done to a stream. A chat room that gives no voice holds both.</summary>
    public Silence Of(MediaKind kind) => Standing is { HasVoice: false } ? Silence.Held : kind == MediaKind.Audio ? _audio : _video;

    /// <summary>What moderators of the call themselves did to a stream.</summary>
    public Silence Kept(MediaKind kind) => kind == MediaKind.Audio ? _audio : _video;

    /// <summary>Whether nothing of a stream goes on.</summary>
    public bool IsSilenced(MediaKind kind) => Of(kind) != Silence.None;

    /// <summary>Does something to a stream, or takes it back.</summary>
    /// <returns>Whether that changes anything.</returns>
    public bool Set(MediaKind kind, Silence silence)
    {
        ref var own = ref (kind == MediaKind.Audio ? ref _audio : ref _video);
        if (own == silence) return false;
        own = silence;
        return true;
    }

    /// <summary>Its sender switches a stream on again: what was not held counts no more.</summary>
    public void TakeBack(MediaKind kind)
    {
        if (Of(kind) == Silence.Muted) Set(kind, Silence.None);
    }
}
