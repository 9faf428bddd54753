namespace Parley.Media.Core.Recording;

/// <summary>Where a player can jump to (RFC 9559 section 5.1.5): at most one place a second.</summary>
internal sealed class WebmCues
{
    private const long SpacingMs = 1_000;

    private readonly List<(long TimeMs, int Track, long Position)> _places = [];

    /// <summary>Notes a place where decoding can start.</summary>
    /// <param name="timeMs">Its time.</param>
    /// <param name="track">The track's number, from 1.</param>
    /// <param name="cluster">The cluster's place in the file.</param>
    public void Add(long timeMs, int track, long cluster)
    {
        if (_places.Count > 0 && timeMs < _places[^1].TimeMs + SpacingMs) return;
        _places.Add((timeMs, track, cluster - WebmLayout.SegmentOffset));
    }

    /// <summary>The index; empty where there is nothing in it.</summary>
    public EbmlBuffer Write()
    {
        var all = new EbmlBuffer();
        if (_places.Count == 0) return all;
        var (points, point, position) = (new EbmlBuffer(), new EbmlBuffer(), new EbmlBuffer());
        foreach (var (time, track, cluster) in _places)
        {
            point.Clear();
            position.Clear();
            position.Unsigned(MatroskaId.CueTrack, (ulong)track);
            position.Unsigned(MatroskaId.CueClusterPosition, (ulong)cluster);
            point.Unsigned(MatroskaId.CueTime, (ulong)time);
            point.Master(MatroskaId.CueTrackPositions, position);
            points.Master(MatroskaId.CuePoint, point);
        }

        all.Master(MatroskaId.Cues, points);
        return all;
    }
}
