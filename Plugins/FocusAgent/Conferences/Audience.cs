using Parley.Media.Control;

namespace Parley.Plugins.FocusAgent.Conferences;

/// <summary>What a receiver wishes to see, the whole wish at once.</summary>
/// <param name="Pinned">Participants to show whatever happens.</param>
/// <param name="Hidden">Participants that are not on the screen.</param>
public sealed record View(IReadOnlySet<string> Pinned, IReadOnlySet<string> Hidden)
{
    /// <summary>No wish.</summary>
    public static View None { get; } = new(new HashSet<string>(), new HashSet<string>());
}

/// <summary>Chooses whom a receiver gets where there are more tracks than it takes.</summary>
public static class Audience
{
    /// <summary>
    /// The participants whose track of a kind is to be received, at most <paramref name="limit"/>. While all fit, all. Else for video the pinned, then the latest
    /// speakers, hidden ones last; for audio those who may be heard, then the latest speakers. Between equals whoever is received already stays, since a switch costs a keyframe.
    /// </summary>
    public static IReadOnlyList<Participant> Choose(Conference conference, Participant receiver, MediaKind kind, int limit, View view, Predicate<Participant> isReceived)
    {
        var all = conference.Others(receiver).Where(p => p.TrackOf(kind) is not null).ToList();
        if (all.Count <= limit) return all;
        var ranked = kind == MediaKind.Video
            ? all.OrderBy(p => view.Pinned.Contains(p.Id) ? 0 : view.Hidden.Contains(p.Id) ? 2 : 1)
            : all.OrderBy(p => p.TrackOf(kind)!.IsActive ? 0 : 1);
        return [.. ranked.ThenBy(conference.SpeakerRank).ThenBy(p => isReceived(p) ? 0 : 1).Take(limit)];
    }
}
