using Parley.Media.Core.Recording;

namespace Parley.tests.Media.Core.Recording;

/// <summary>Where a player can jump to in a finished file: at every keyframe, to the cluster in which it is.</summary>
public sealed class WebmCuesTests
{
    private const uint Segment = 0x18538067, Cues = 0x1C53BB6B, Point = 0xBB, Time = 0xB3, Positions = 0xB7, Position = 0xF1, Cluster = 0x1F43B675, Timestamp = 0xE7;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_keyframe_can_be_jumped_to(bool isCutOff)
    {
        using var file = new TestFile();
        var writer = new WebmWriter(file, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), "cues");
        var (sound, picture) = (writer.AddTrack(RecordedTrack.Opus), writer.AddTrack(RecordedTrack.Picture(isVp9: false, 320, 180)));
        for (var now = 0; now < 10_000; now += 20)
        {
            writer.Write(sound, now, 20, isKey: true, [1, 2, 3]);
            if (now % 40 == 0) writer.Write(picture, now, 40, isKey: now % 2_000 == 0, [4, 5, 6, 7]);
            if (now % 1_000 == 980) writer.Flush();
        }

        writer.Flush();
        if (isCutOff) Assert.Equal(WebmCondition.Repaired, WebmRepair.Run(file, out _));
        else writer.Finish();

        var bytes = File.ReadAllBytes(file.Path);
        var (start, length) = Find(bytes, Segment, 0, bytes.Length)!.Value;
        var points = All(bytes, Find(bytes, Cues, start, length)!.Value).Where(e => e.Id == Point).ToList();
        Assert.Equal([0, 2_000, 4_000, 6_000, 8_000], points.Select(p => Number(bytes, Find(bytes, Time, p.At, p.Length)!.Value)));
        foreach (var point in points)
        {
            var (at, size) = Find(bytes, Positions, point.At, point.Length)!.Value;
            var cluster = start + (int)Number(bytes, Find(bytes, Position, at, size)!.Value);
            var element = All(bytes, (cluster, bytes.Length - cluster)).First();
            Assert.Equal(Cluster, element.Id);
            Assert.Equal(Number(bytes, Find(bytes, Time, point.At, point.Length)!.Value), Number(bytes, Find(bytes, Timestamp, element.At, element.Length)!.Value));
        }
    }

    private static (int At, int Length)? Find(byte[] bytes, uint id, int at, int length) => All(bytes, (at, length)).Where(e => e.Id == id).Select(e => ((int, int)?)(e.At, e.Length)).FirstOrDefault();

    private static long Number(byte[] bytes, (int At, int Length) content) => bytes.AsSpan(content.At, content.Length).ToArray().Aggregate(0L, (sum, b) => (sum << 8) | b);

    private static IEnumerable<(uint Id, int At, int Length)> All(byte[] bytes, (int At, int Length) inside)
    {
        for (var at = inside.At; at < inside.At + inside.Length;)
        {
            var width = System.Numerics.BitOperations.LeadingZeroCount((uint)bytes[at]) - 23;
            var id = (uint)Number(bytes, (at, width));
            at += width;
            width = System.Numerics.BitOperations.LeadingZeroCount((uint)bytes[at]) - 23;
            var size = (int)(Number(bytes, (at, width)) & ((1L << (7 * width)) - 1));
            at += width;
            yield return (id, at, size);
            at += size;
        }
    }
}
