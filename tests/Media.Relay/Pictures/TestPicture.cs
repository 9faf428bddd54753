using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Pictures;

namespace Parley.tests.Media.Relay.Pictures;

/// <summary>Pictures by whose colours is seen whose they are, with something moving in them.</summary>
internal static class TestPicture
{
    /// <summary>Colours (U, V) that no two people share and that encoding does not confuse.</summary>
    public static readonly (byte U, byte V)[] Colours = [(60, 60), (200, 60), (60, 200), (200, 200), (128, 50), (50, 128), (206, 128), (128, 206)];

    /// <summary>What a format is made in where nothing else is said.</summary>
    public static VideoCoding CodingOf(PayloadFormat format) => format == PayloadFormat.H264 ? new(format, new(0x42, 0xE0, 31, 1)) : new(format);

    /// <summary>Draws somebody's next picture.</summary>
    public static void Draw(PictureCanvas canvas, int person, int frame)
    {
        var (width, height) = (canvas.Buffer.View.Width, canvas.Buffer.View.Height);
        var (u, v) = Colours[person];
        canvas.Fill(new(0, 0, width, height), new(110, u, v));
        canvas.Fill(new(frame * 4 % (width - 32), height / 2 & ~1, 32, 16), new(200, u, v));
    }

    /// <summary>Whose picture is seen there; -1 for nobody's.</summary>
    public static int WhoseAt(I420View picture, int x, int y)
    {
        var (u, v) = picture.ColourAt(x, y);
        for (var i = 0; i < Colours.Length; i++)
        {
            if (Math.Abs(u - Colours[i].U) < 22 && Math.Abs(v - Colours[i].V) < 22) return i;
        }

        return -1;
    }

    /// <summary>Whose picture is in the middle of a tile.</summary>
    public static int WhoseIn(I420View picture, TileArea tile) => WhoseAt(picture, tile.X + tile.Width / 2, tile.Y + tile.Height / 3);

    /// <summary>A picture as binary PPM has it, to be looked at.</summary>
    public static byte[] ToPpm(I420View picture)
    {
        var header = System.Text.Encoding.ASCII.GetBytes($"P6\n{picture.Width} {picture.Height}\n255\n");
        var bytes = new byte[header.Length + picture.Width * picture.Height * 3];
        header.CopyTo(bytes, 0);
        var at = header.Length;
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                var (u, v) = picture.ColourAt(x, y);
                var (c, d, e) = (1.164 * (picture.BrightnessAt(x, y) - 16), u - 128, v - 128);
                foreach (var value in (double[])[c + 1.596 * e, c - 0.392 * d - 0.813 * e, c + 2.017 * d]) bytes[at++] = (byte)Math.Clamp(value, 0, 255);
            }
        }

        return bytes;
    }
}

/// <summary>Somebody who sends such pictures by a real encoder, in virtual time.</summary>
internal sealed class PictureSender(int person, int width, int height, PayloadFormat format = PayloadFormat.Vp8, int rate = 15, VideoCoding? coding = null) : IDisposable
{
    private readonly PictureCanvas _canvas = new(width, height);
    private readonly IPictureEncoder _encoder = PictureCodecs.Encoder(new(coding ?? TestPicture.CodingOf(format), width, height, rate, 400_000));
    private int _frame;

    /// <summary>Whether the next frame is a keyframe.</summary>
    public bool WantsKeyframe { get; set; } = true;

    /// <summary>The next frame.</summary>
    public byte[] Next(out bool isKeyframe)
    {
        TestPicture.Draw(_canvas, person, _frame++);
        _encoder.Encode(_canvas.Buffer, _frame * 90_000L / rate, WantsKeyframe, out var frame, out isKeyframe);
        if (!frame.IsEmpty) WantsKeyframe = false;
        return frame.ToArray();
    }

    public void Dispose()
    {
        _encoder.Dispose();
        _canvas.Dispose();
    }
}
