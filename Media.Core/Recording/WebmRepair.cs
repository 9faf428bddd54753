using System.Buffers.Binary;

namespace Parley.Media.Core.Recording;

/// <summary>What a repair found.</summary>
public enum WebmCondition
{
    /// <summary>It was finished: nothing was done.</summary>
    Whole,
    /// <summary>It was cut off, and now has its index, its duration and its size.</summary>
    Repaired,
    /// <summary>It is none of ours, or holds nothing to play: nothing was done.</summary>
    Unusable,
}

/// <summary>Finishes a file of <see cref="WebmWriter"/> that was cut off, at whatever byte: by a crash, or by a full disk.</summary>
public static class WebmRepair
{
    // Our own clusters end below this: MaxCluster, a frame, and what goes around them.
    private const int MaxCluster = 16 << 20, MaxHead = 4096;

    /// <summary>Repairs a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="durationMs">How long it plays, in milliseconds; 0 if it is unusable, or was whole.</param>
    public static WebmCondition Run(IRepairableFile file, out long durationMs)
    {
        durationMs = 0;
        var head = new byte[MaxHead];
        var start = head.AsSpan(0, file.Read(0, head));
        if (!TryReadStart(start, out var tracksOffset, out var isVideo, out var isWhole)) return WebmCondition.Unusable;
        if (isWhole) return WebmCondition.Whole;
        var cues = new WebmCues();
        long at = tracksOffset + WebmLayout.TracksRoom, lastMs = -1;
        var cluster = new byte[64 * 1024];
        while (ReadCluster(file, at, ref cluster) is var length && length > 0)
        {
            var bytes = cluster.AsSpan(0, length);
            EbmlHead.TryRead(bytes, out var outer);
            var end = Walk(bytes[outer.Length..], isVideo, at, cues, ref lastMs) + outer.Length;
            var isCut = length < outer.Length + outer.Size || end < length;
            if (isCut && end <= outer.Length + 10) break; // a time alone is no cluster
            at += end;
            if (!isCut) continue;
            Resize(file, at - end, end - outer.Length);
            break;
        }

        if (lastMs < 0) return WebmCondition.Unusable;
        file.Truncate(at);
        durationMs = lastMs + 1;
        WebmLayout.Finish(file, at, tracksOffset, cues, durationMs);
        return WebmCondition.Repaired;
    }

    // As WebmLayout has it: anything else was not written here.
    private static bool TryReadStart(ReadOnlySpan<byte> start, out int tracksOffset, out bool[] isVideo, out bool isWhole)
    {
        (tracksOffset, isVideo, isWhole) = (0, [], false);
        if (start.Length < WebmLayout.DurationOffset) return false;
        if (!EbmlHead.TryRead(start[(WebmLayout.SegmentSizeOffset - 4)..], out var segment) || segment.Id != MatroskaId.Segment) return false;
        if (!EbmlHead.TryRead(start[WebmLayout.InfoOffset..], out var info) || info.Id != MatroskaId.Info || info.Size is < 0 or > 127) return false;
        tracksOffset = WebmLayout.InfoOffset + info.Length + (int)info.Size;
        if (start.Length < tracksOffset + WebmLayout.TracksRoom || !EbmlHead.TryRead(start[tracksOffset..], out var tracks) || tracks.Id != MatroskaId.Tracks) return false;
        if (tracks.Size < 0 || tracks.Size > WebmLayout.TracksRoom) return false;
        isWhole = segment.Size >= 0;
        isVideo = ReadKinds(start.Slice(tracksOffset + tracks.Length, (int)tracks.Size));
        return true;
    }

    private static bool[] ReadKinds(ReadOnlySpan<byte> entries)
    {
        var kinds = new List<bool>();
        while (EbmlHead.TryRead(entries, out var entry) && entry.Size >= 0 && entry.Size <= entries.Length - entry.Length)
        {
            var inner = entries.Slice(entry.Length, (int)entry.Size);
            var isVideo = false;
            while (EbmlHead.TryRead(inner, out var child) && child.Size >= 0 && child.Size <= inner.Length - child.Length)
            {
                if (child.Id == MatroskaId.TrackType) isVideo = EbmlHead.Unsigned(inner.Slice(child.Length, (int)child.Size)) == 1;
                inner = inner[(child.Length + (int)child.Size)..];
            }

            kinds.Add(isVideo);
            entries = entries[(entry.Length + (int)entry.Size)..];
        }

        return [.. kinds];
    }

    // Reads a cluster, as much of it as there is; 0 if there is none.
    private static int ReadCluster(IRepairableFile file, long at, ref byte[] into)
    {
        Span<byte> start = stackalloc byte[EbmlHead.MaxLength];
        if (!EbmlHead.TryRead(start[..file.Read(at, start)], out var head) || head.Id != MatroskaId.Cluster || head.Size is < 0 or > MaxCluster) return 0;
        var length = (int)Math.Min(head.Length + head.Size, file.Length - at);
        if (length > into.Length) into = new byte[length];
        return file.Read(at, into.AsSpan(0, length));
    }

    // Goes through the blocks that are whole; says where they end.
    private static int Walk(ReadOnlySpan<byte> content, bool[] isVideo, long cluster, WebmCues cues, ref long lastMs)
    {
        var (at, time) = (0, -1L);
        while (EbmlHead.TryRead(content[at..], out var head) && head.Size >= 0 && head.Size <= content.Length - at - head.Length)
        {
            var inner = content.Slice(at + head.Length, (int)head.Size);
            if (head.Id == MatroskaId.Timestamp) time = (long)(EbmlHead.Unsigned(inner) & long.MaxValue);
            else if (head.Id == MatroskaId.SimpleBlock && inner.Length > 4 && time >= 0 && inner[0] > 0x80 && (inner[0] & 0x7F) <= isVideo.Length)
            {
                var shown = time + BinaryPrimitives.ReadInt16BigEndian(inner[1..]);
                lastMs = Math.Max(lastMs, shown);
                var track = inner[0] & 0x7F;
                if ((inner[3] & 0x80) != 0 && (isVideo[track - 1] || !isVideo.Contains(true))) cues.Add(shown, track, cluster);
            }
            else
            {
                break; // zeros, where a file system kept the length and lost the bytes
            }

            at += head.Length + (int)head.Size;
        }

        return at;
    }

    private static void Resize(IRepairableFile file, long cluster, int size)
    {
        var buffer = new EbmlBuffer();
        buffer.Size(size, 4);
        file.Patch(cluster + 4, buffer.Written);
    }
}
