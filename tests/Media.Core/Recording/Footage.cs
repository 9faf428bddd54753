using System.Buffers.Binary;

namespace Parley.tests.Media.Core.Recording;

/// <summary>Ten seconds of coded picture and sound, made once by ffmpeg: every two seconds, from the first on, a flash and a beep at the same moment.</summary>
internal static class Footage
{
    public const int Seconds = 10, FramesPerSecond = 30;

    private static readonly Lazy<List<byte[]>> LazyVp8 = new(() => Ivf("libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k", "-g", "60", "-auto-alt-ref", "0"));
    private static readonly Lazy<List<byte[]>> LazyVp9 = new(() => Ivf("libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k", "-g", "60", "-lag-in-frames", "0"));
    private static readonly Lazy<List<byte[]>> LazyOpus = new(Ogg);

    /// <summary>VP8 frames; every sixtieth is a keyframe.</summary>
    public static List<byte[]> Vp8 => LazyVp8.Value;

    /// <summary>VP9 frames.</summary>
    public static List<byte[]> Vp9 => LazyVp9.Value;

    /// <summary>Opus packets of 20 ms.</summary>
    public static List<byte[]> Opus => LazyOpus.Value;

    // IVF: a head of 32 bytes, then frames behind 12 bytes of length and time.
    private static List<byte[]> Ivf(string codec, params string[] options)
    {
        var bytes = Make(["-f", "lavfi", "-i", $"color=black:s=320x240:r={FramesPerSecond}:d={Seconds},drawbox=t=fill:color=white:enable='gte(mod(t,2),1)*lt(mod(t,2),1.1)'", "-c:v", codec, .. options, "-f", "ivf"]);
        var frames = new List<byte[]>();
        for (var at = 32; at + 12 <= bytes.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            frames.Add(bytes[(at + 12)..(at + 12 + length)]);
            at += 12 + length;
        }

        Assert.Equal(Seconds * FramesPerSecond, frames.Count);
        return frames;
    }

    // Ogg (RFC 3533): pages of segments, a segment under 255 bytes ends a packet. The first two packets are heads.
    private static List<byte[]> Ogg()
    {
        var bytes = Make(["-f", "lavfi", "-i", $"aevalsrc='0.5*sin(2*PI*1000*t)*gte(mod(t,2),1)*lt(mod(t,2),1.1)':s=48000:d={Seconds}", "-c:a", "libopus", "-b:a", "32k", "-vbr", "on", "-application", "voip", "-f", "ogg"]);
        var packets = new List<byte[]>();
        var packet = new MemoryStream();
        for (var at = 0; at + 27 <= bytes.Length;)
        {
            int segments = bytes[at + 26], data = at + 27 + segments;
            for (var i = 0; i < segments; i++)
            {
                int length = bytes[at + 27 + i];
                packet.Write(bytes, data, length);
                data += length;
                if (length == 255) continue;
                packets.Add(packet.ToArray());
                packet.SetLength(0);
            }

            at = data;
        }

        return packets[2..];
    }

    private static byte[] Make(IEnumerable<string> arguments)
    {
        var path = Path.GetTempFileName();
        try
        {
            Ffmpeg.Run("ffmpeg", ["-nostdin", "-v", "error", "-y", .. arguments, path]);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
