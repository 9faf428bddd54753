using System.Globalization;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Pictures;

namespace Parley.bench.Pictures;

/// <summary>How many pictures of 640x360 a core makes out of another codec's: decoded and encoded by the mixer, frames in and frames out. There is no reference: it is what a caller costs.</summary>
internal static class Transcoding
{
    private const int Frames = 150, Rounds = 3;

    private static readonly VideoCoding H264 = new(PayloadFormat.H264, new(0x42, 0xE0, 31, 1)), SingleUnits = new(PayloadFormat.H264, new(0x42, 0xE0, 31, 0));

    public static void Run()
    {
        List<(string Name, VideoCoding From, VideoCoding To)> ways = [("vp9-to-vp8", VideoCoding.Vp9, VideoCoding.Vp8), ("vp8-to-vp9", VideoCoding.Vp8, VideoCoding.Vp9)];
        if (PictureCodecs.Has(PayloadFormat.H264)) ways.AddRange([("h264-to-vp8", H264, VideoCoding.Vp8), ("vp8-to-h264", VideoCoding.Vp8, H264), ("vp8-to-h264-single-units", VideoCoding.Vp8, SingleUnits)]);
        else Console.Error.WriteLine("OpenH264 is not there (on Debian: apt install libopenh264-7): nothing is measured of H.264.");
        foreach (var (name, from, to) in ways)
        {
            var clip = Clips.Encode(0, Frames, from);
            var best = Enumerable.Range(0, Rounds).Select(_ => Measure(clip, from.Format, to)).Min();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result mixer-video/{name} ours={1000 / best:0} ours_ms={best:0.00}"));
        }
    }

    // Milliseconds of CPU a picture.
    private static double Measure(List<byte[]> clip, PayloadFormat format, VideoCoding to)
    {
        var made = 0;
        using var pictures = new ConferencePictures((_, _, _, _, _) => made++, null, null, null);
        var source = pictures.AddSource(() => throw new InvalidOperationException("a frame could not be decoded"));
        pictures.AddTranscoding(source, to);
        var began = ThreadClock.CpuNanoseconds;
        for (var n = 0; n < clip.Count; n++)
        {
            pictures.Put(source, new(format, n == 0, (uint)n * 6_000, 0), clip[n]);
            pictures.Work(n * 67L);
            pictures.Drain(n * 67L);
        }

        var milliseconds = (ThreadClock.CpuNanoseconds - began) / 1e6;
        return made > clip.Count / 2 ? milliseconds / made : throw new InvalidOperationException($"{made} of {clip.Count} pictures were made");
    }
}
