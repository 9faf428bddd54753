using Parley.Media.Control;
using Parley.Media.Core.Forwarding;
using Parley.Media.Relay.Pictures;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>Who is on the composed picture.</summary>
internal sealed class PeopleList
{
    /// <summary>The most who are shown; beyond that those who spoke last.</summary>
    public const int Max = 16;

    /// <summary>Who is shown; the same list until somebody changes.</summary>
    public IReadOnlyList<PersonView> Current { get; private set; } = [];

    /// <summary>Chooses who is shown, in the order of their coming, each with the track of their pictures, if they send any.</summary>
    public static IReadOnlyList<(ConferenceEndpoint Endpoint, RelayTrack? Track)> Choose(IReadOnlyCollection<ConferenceEndpoint> endpoints, SpeakerDetector speakers)
    {
        List<(ConferenceEndpoint Endpoint, RelayTrack? Track)> all =
            [.. endpoints.Where(e => e.Transports.Values.Any(t => t.Phase == TransportPhase.Connected)).Select(e => (e, PictureOf(e)))];
        if (all.Count <= Max) return all;
        var chosen = all.OrderBy(p => p.Track?.Spec.IsSlides == true ? 0 : 1).ThenBy(p => RankOf(p.Endpoint.Voice, speakers)).ThenBy(p => p.Track is null ? 1 : 0).Take(Max).ToHashSet();
        return [.. all.Where(chosen.Contains)];
    }

    /// <summary>Forgets who was shown: whoever shows them next knows nothing of them.</summary>
    public void Clear() => Current = [];

    /// <summary>Takes who is shown now; says whether anything changed.</summary>
    public bool Update(IReadOnlyList<(ConferenceEndpoint Endpoint, RelayTrack? Track)> people, SpeakerDetector speakers, Func<RelayTrack, int> sourceOf)
    {
        List<PersonView> now = [.. people.Select(p => new PersonView(p.Endpoint.Name, p.Track is null ? -1 : sourceOf(p.Track), p.Track?.Spec.IsSlides == true, p.Endpoint.Voice == speakers.Dominant))];
        if (now.SequenceEqual(Current)) return false;
        Current = now;
        return true;
    }

    private static RelayTrack? PictureOf(ConferenceEndpoint endpoint)
    {
        foreach (var track in endpoint.Tracks.Values)
        {
            if (track is { Spec: { Kind: MediaKind.Video, Muted: false }, IsFlowing: true }) return track;
        }

        return null;
    }

    private static int RankOf(int voice, SpeakerDetector speakers)
    {
        for (var i = 0; i < speakers.Recent.Count; i++)
        {
            if (speakers.Recent[i] == voice) return i;
        }

        return int.MaxValue;
    }
}
