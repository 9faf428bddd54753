using Parley.Media.Control;
using Parley.Media.Core.Forwarding;

namespace Parley.Media.Relay.Conferences;

/// <summary>Chooses whose picture those see who can take one only: whoever of the others speaks, or spoke last, and has a picture.</summary>
internal static class SpeakerView
{
    /// <summary>Chooses the track for a slot; null while nobody else has a picture.</summary>
    /// <param name="forwarder">The slot.</param>
    /// <param name="own">Whose slot it is.</param>
    /// <param name="endpoints">Everybody.</param>
    /// <param name="speakers">Who speaks.</param>
    /// <param name="video">Knows what can be shown in the slot.</param>
    public static RelayTrack? Choose(RelayForwarder forwarder, ConferenceEndpoint own, IEnumerable<ConferenceEndpoint> endpoints, SpeakerDetector speakers, ConferenceVideo video)
    {
        RelayTrack? best = null;
        var bestRank = int.MaxValue;
        foreach (var endpoint in endpoints)
        {
            if (endpoint == own || PictureOf(endpoint, forwarder, video) is not { } picture) continue;
            var rank = RankOf(endpoint.Voice, speakers);
            // Of those who never spoke the one that is seen already stays.
            if (rank > bestRank || (rank == bestRank && best == forwarder.Shown)) continue;
            (best, bestRank) = (picture, rank);
        }

        return best;
    }

    private static RelayTrack? PictureOf(ConferenceEndpoint endpoint, RelayForwarder forwarder, ConferenceVideo video)
    {
        foreach (var track in endpoint.Tracks.Values)
        {
            if (track.Spec.Kind == MediaKind.Video && track.IsFlowing && video.CanFeed(forwarder, track)) return track;
        }

        return null;
    }

    private static int RankOf(int voice, SpeakerDetector speakers)
    {
        for (var i = 0; i < speakers.Recent.Count; i++)
        {
            if (speakers.Recent[i] == voice) return i;
        }

        return int.MaxValue - 1;
    }
}
