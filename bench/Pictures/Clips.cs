using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Pictures;

namespace Parley.bench.Pictures;

/// <summary>What people send: VP8 of 640x360, 15 frames a second, of a still room with somebody moving and a camera's noise. In memory, and as IVF files for others.</summary>
internal sealed class Clips : IDisposable
{
    public const int Width = 640, Height = 360, Rate = 15, Bitrate = 600_000;

    private Clips(string folder, IReadOnlyList<IReadOnlyList<byte[]>> frames) => (Folder, Frames) = (folder, frames);

    /// <summary>Where the files are.</summary>
    public string Folder { get; }

    /// <summary>Each source's frames, the first a keyframe.</summary>
    public IReadOnlyList<IReadOnlyList<byte[]>> Frames { get; }

    /// <summary>A source's file.</summary>
    public string FileOf(int source) => Path.Combine(Folder, $"{source}.ivf");

    public static Clips Make(int sources, int frames)
    {
        var folder = Directory.CreateTempSubdirectory("parley-clips-").FullName;
        var clips = new Clips(folder, [.. Enumerable.Range(0, sources).Select(s => Encode(s, frames, VideoCoding.Vp8))]);
        for (var i = 0; i < sources; i++) File.WriteAllBytes(clips.FileOf(i), Ivf(clips.Frames[i]));
        return clips;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>A source's frames in a codec.</summary>
    public static List<byte[]> Encode(int source, int count, VideoCoding coding)
    {
        var random = new Random(source);
        using var picture = new I420Buffer(Width, Height);
        using var encoder = PictureCodecs.Encoder(new(coding, Width, Height, Rate, Bitrate));
        var frames = new List<byte[]>();
        var noise = new sbyte[8192];
        for (var i = 0; i < noise.Length; i++) noise[i] = (sbyte)random.Next(-3, 4);
        var view = picture.View;
        while (frames.Count < count)
        {
            var n = frames.Count;
            var (x0, y0) = (280 + 90 * Math.Sin(n / 11.0 + source), 200 + 30 * Math.Cos(n / 7.0));
            var shift = random.Next(4096);
            var row = new byte[Width];
            for (var y = 0; y < Height; y++)
            {
                for (var x = 0; x < Width; x++)
                {
                    var wall = 90 + (x >> 3) + (y >> 3) + ((x >> 5) + (y >> 5)) % 3 * 12;
                    var person = (x - x0) * (x - x0) / 6400 + (y - y0) * (y - y0) / 14400 < 1 ? 60 + (int)(40 * Math.Sin((x - x0 + y) / 9)) : 0;
                    row[x] = (byte)(wall + person + noise[(x + y * 31 + shift) & 8191]);
                }

                Marshal.Copy(row, 0, view.Y + y * view.YStride, Width);
            }

            Marshal.Copy([.. Enumerable.Repeat((byte)(110 + 10 * source), Width * Height / 4)], 0, view.U, Width * Height / 4);
            Marshal.Copy([.. Enumerable.Repeat((byte)(140 - 10 * source), Width * Height / 4)], 0, view.V, Width * Height / 4);
            encoder.Encode(picture, n * 90_000L / Rate, n == 0, out var frame, out _);
            // One that was left out to keep the rate is the one before it again.
            if (frame.IsEmpty) encoder.Encode(picture, n * 90_000L / Rate + 3_000, false, out frame, out _);
            if (!frame.IsEmpty) frames.Add(frame.ToArray());
        }

        return frames;
    }

    // The format of libvpx's own tools: a header of 32 bytes, then length, time and frame.
    private static byte[] Ivf(IReadOnlyList<byte[]> frames)
    {
        using var file = new MemoryStream();
        var header = new byte[32];
        Encoding.ASCII.GetBytes("DKIF").CopyTo(header, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), 32);
        Encoding.ASCII.GetBytes("VP80").CopyTo(header, 8);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(12), Width);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(14), Height);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), Rate);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), frames.Count);
        file.Write(header);
        for (var i = 0; i < frames.Count; i++)
        {
            var head = new byte[12];
            BinaryPrimitives.WriteInt32LittleEndian(head, frames[i].Length);
            BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(4), i);
            file.Write(head);
            file.Write(frames[i]);
        }

        return file.ToArray();
    }
}
