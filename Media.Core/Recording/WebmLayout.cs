namespace Parley.Media.Core.Recording;

/// <summary>
/// Where things are at the start of every file that we write. All of it has a fixed place and length, so that the number of tracks, the index, the duration and the size
/// can be written over what was reserved for them, and a repair knows where to look.
/// </summary>
internal static class WebmLayout
{
    /// <summary>The room for all track entries.</summary>
    public const int TracksRoom = 1024;

    private const int SeekHeadRoom = 96, DurationRoom = 11;

    private static readonly EbmlBuffer Start = MakeStart();

    /// <summary>Where the segment's size is.</summary>
    public static int SegmentSizeOffset => Start.Length - 8;

    /// <summary>Where the segment's content begins: positions inside of it count from here.</summary>
    public static int SegmentOffset => Start.Length;

    /// <summary>Where the table of contents goes.</summary>
    public static int SeekHeadOffset => SegmentOffset;

    /// <summary>Where the general information is.</summary>
    public static int InfoOffset => SegmentOffset + SeekHeadRoom;

    /// <summary>Where the duration goes: first in the information, whose own header has five bytes.</summary>
    public static int DurationOffset => InfoOffset + 5;

    /// <summary>Writes what comes before the clusters.</summary>
    /// <returns>Where the tracks' room is.</returns>
    public static int WriteHead(EbmlBuffer to, DateTimeOffset begun, string title)
    {
        to.Raw(Start.Written);
        to.Void(SeekHeadRoom);
        var info = new EbmlBuffer();
        info.Void(DurationRoom);
        info.Unsigned(MatroskaId.TimestampScale, 1_000_000);
        // RFC 9559 section 5.1.2.11: nanoseconds since 2001.
        info.Signed(MatroskaId.DateUtc, (begun.UtcTicks - new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks) * 100);
        info.Text(MatroskaId.Title, title);
        info.Text(MatroskaId.MuxingApp, "Parley");
        info.Text(MatroskaId.WritingApp, "Parley");
        to.Id(MatroskaId.Info);
        to.Size(info.Length, 1);
        to.Raw(info.Written);
        return to.Length;
    }

    /// <summary>The longest title, in bytes, that keeps the information's size in one byte.</summary>
    public const int MaxTitle = 40;

    /// <summary>Writes the track entries into their room.</summary>
    /// <returns>False if there is no room for them.</returns>
    public static bool TryWriteTracks(EbmlBuffer to, IReadOnlyList<RecordedTrack> tracks)
    {
        var entries = new EbmlBuffer();
        for (var i = 0; i < tracks.Count; i++) tracks[i].Write(entries, i + 1);
        var left = TracksRoom - 4 - 2 - entries.Length;
        if (left is < 0 or 1) return false;
        to.Id(MatroskaId.Tracks);
        to.Size(entries.Length, 2);
        to.Raw(entries.Written);
        to.Void(left);
        return true;
    }

    /// <summary>Writes what a finished file has: the index at its end, then the places that point to it.</summary>
    /// <param name="file">The file, which ends where the index is to go.</param>
    /// <param name="end">Its length.</param>
    /// <param name="tracksOffset">Where the tracks' room is.</param>
    /// <param name="cues">The index.</param>
    /// <param name="durationMs">The end of the last frame, in milliseconds.</param>
    public static void Finish(IWebmFile file, long end, long tracksOffset, WebmCues cues, long durationMs)
    {
        var index = cues.Write();
        file.Append(index.Written);
        var seeks = new EbmlBuffer();
        WriteSeek(seeks, MatroskaId.Info, InfoOffset - SegmentOffset);
        WriteSeek(seeks, MatroskaId.Tracks, tracksOffset - SegmentOffset);
        if (index.Length > 0) WriteSeek(seeks, MatroskaId.Cues, end - SegmentOffset);
        var buffer = new EbmlBuffer();
        buffer.Master(MatroskaId.SeekHead, seeks);
        buffer.Void(SeekHeadRoom - buffer.Length);
        file.Patch(SeekHeadOffset, buffer.Written);
        buffer.Clear();
        buffer.Float(MatroskaId.Duration, durationMs);
        file.Patch(DurationOffset, buffer.Written);
        // The size last: it says that all the rest is there.
        buffer.Clear();
        buffer.Size(end + index.Length - SegmentOffset, 8);
        file.Patch(SegmentSizeOffset, buffer.Written);
    }

    private static void WriteSeek(EbmlBuffer to, uint id, long position)
    {
        var seek = new EbmlBuffer();
        var name = new EbmlBuffer();
        name.Id(id);
        seek.Binary(MatroskaId.SeekId, name.Written);
        seek.Unsigned(MatroskaId.SeekPosition, (ulong)position, 8);
        to.Master(MatroskaId.Seek, seek);
    }

    private static EbmlBuffer MakeStart()
    {
        var head = new EbmlBuffer();
        head.Unsigned(MatroskaId.EbmlVersion, 1);
        head.Unsigned(MatroskaId.EbmlReadVersion, 1);
        head.Unsigned(MatroskaId.EbmlMaxIdLength, 4);
        head.Unsigned(MatroskaId.EbmlMaxSizeLength, 8);
        head.Text(MatroskaId.DocType, "webm");
        head.Unsigned(MatroskaId.DocTypeVersion, 4);
        head.Unsigned(MatroskaId.DocTypeReadVersion, 2);
        var start = new EbmlBuffer();
        start.Master(MatroskaId.Ebml, head);
        start.Id(MatroskaId.Segment);
        start.UnknownSize();
        return start;
    }
}
