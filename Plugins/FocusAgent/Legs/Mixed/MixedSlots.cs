using Parley.Media.Control;

namespace Parley.Plugins.FocusAgent.Legs.Mixed;

/// <summary>What a leg receives that hears one mix and sees one picture: the same list until something changes.</summary>
/// <param name="composes">Whether the relay can put everybody into one picture.</param>
/// <param name="picture">What is seen until something else is chosen.</param>
public sealed class MixedSlots(bool composes, MixedVideo picture)
{
    private List<ForwarderSpec> _slots = [];
    private int _cues;

    /// <summary>The slots, for the relay.</summary>
    public IReadOnlyList<ForwarderSpec> All => _slots;

    /// <summary>What is seen.</summary>
    public MixedVideo Picture { get; private set; } = composes ? picture : MixedVideo.Speaker;

    /// <summary>What a slot of a kind is fed with.</summary>
    public ForwarderFeed FeedOf(MediaKind kind) => kind == MediaKind.Audio ? ForwarderFeed.Mix : Picture == MixedVideo.Composed ? ForwarderFeed.Composed : ForwarderFeed.Speaker;

    /// <summary>Adds slots.</summary>
    public void Add(IEnumerable<ForwarderSpec> slots) => _slots = [.. _slots, .. slots];

    /// <summary>Takes slots away.</summary>
    public void Remove(Predicate<ForwarderSpec> gone) => _slots = [.. _slots.Where(s => !gone(s))];

    /// <summary>Chooses what is seen, whether or not there is a picture yet.</summary>
    /// <returns>Whether it can be had.</returns>
    public bool Choose(MixedVideo chosen)
    {
        if (chosen == MixedVideo.Composed && !composes) return false;
        Picture = chosen;
        _slots = [.. _slots.Select(s => s.Kind == MediaKind.Video ? s with { Feed = FeedOf(s.Kind) } : s)];
        return true;
    }

    /// <summary>Lets whoever listens hear what came of something.</summary>
    public void Play(CueSound sound)
    {
        var cue = new Cue(++_cues, sound);
        _slots = [.. _slots.Select(s => s.Kind == MediaKind.Audio ? s with { Cue = cue } : s)];
    }
}
