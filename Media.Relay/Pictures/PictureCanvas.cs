using Parley.Media.Core.Video;
using Parley.Media.Relay.Native;

namespace Parley.Media.Relay.Pictures;

/// <summary>A colour, as pictures have it.</summary>
internal readonly record struct Colour(byte Y, byte U, byte V);

/// <summary>A picture that is drawn on.</summary>
internal sealed unsafe class PictureCanvas : IDisposable
{
    private const byte Neutral = 128;

    private I420Buffer? _turned;

    /// <summary>Makes a canvas.</summary>
    public PictureCanvas(int width, int height) => Buffer = new(width, height);

    /// <summary>What was drawn.</summary>
    public I420Buffer Buffer { get; }

    /// <summary>Fills an area.</summary>
    public void Fill(TileArea area, Colour colour)
    {
        var v = Buffer.View;
        _ = LibYuv.Fill((byte*)v.Y, v.YStride, (byte*)v.U, v.UvStride, (byte*)v.V, v.UvStride, area.X, area.Y, area.Width, area.Height, colour.Y, colour.U, colour.V);
    }

    /// <summary>Draws a picture, scaled to fill an area and turned upright.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="area">Where; what was there is gone.</param>
    /// <param name="rotation">By how many degrees it is turned clockwise.</param>
    public void Draw(I420View picture, TileArea area, int rotation)
    {
        var target = Buffer.View.Part(area.X, area.Y, area.Width, area.Height);
        if (rotation == 0)
        {
            Scale(picture, target);
            return;
        }

        // Scaled first, so that less is to be turned.
        var isLying = rotation is 90 or 270;
        var (width, height) = isLying ? (area.Height, area.Width) : (area.Width, area.Height);
        if (_turned is null || _turned.View.Width != width || _turned.View.Height != height)
        {
            _turned?.Dispose();
            _turned = new(width, height);
        }

        var s = _turned.View;
        Scale(picture, s);
        _ = LibYuv.Rotate((byte*)s.Y, s.YStride, (byte*)s.U, s.UvStride, (byte*)s.V, s.UvStride,
            (byte*)target.Y, target.YStride, (byte*)target.U, target.UvStride, (byte*)target.V, target.UvStride, width, height, rotation);
    }

    /// <summary>Writes in white, on a strip that darkens what is below.</summary>
    /// <param name="text">The text.</param>
    /// <param name="x">Left; even.</param>
    /// <param name="y">Top; even.</param>
    /// <param name="shade">How dark the strip is, of 255.</param>
    public void Write(NameBitmap text, int x, int y, int shade)
    {
        var view = Buffer.View.Part(x, y, text.Width, text.Height);
        for (var row = 0; row < text.Height; row++)
        {
            var pixels = new Span<byte>((byte*)view.Y + row * view.YStride, text.Width);
            var alpha = text.Alpha.AsSpan(row * text.Width, text.Width);
            for (var i = 0; i < pixels.Length; i++)
            {
                var dark = pixels[i] + (((16 - pixels[i]) * shade) >> 8);
                pixels[i] = (byte)(dark + (((235 - dark) * alpha[i]) >> 8));
            }
        }

        for (var row = 0; row < text.Height / 2; row++)
        {
            Pale((byte*)view.U + row * view.UvStride, text, row, shade);
            Pale((byte*)view.V + row * view.UvStride, text, row, shade);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Buffer.Dispose();
        _turned?.Dispose();
    }

    private static void Pale(byte* row, NameBitmap text, int at, int shade)
    {
        for (var i = 0; i < text.Width / 2; i++)
        {
            var cover = Math.Max(shade, (int)text.Alpha[2 * at * text.Width + 2 * i]);
            row[i] = (byte)(row[i] + (((Neutral - row[i]) * cover) >> 8));
        }
    }

    private static void Scale(I420View from, I420View to) =>
        _ = LibYuv.Scale((byte*)from.Y, from.YStride, (byte*)from.U, from.UvStride, (byte*)from.V, from.UvStride, from.Width, from.Height,
            (byte*)to.Y, to.YStride, (byte*)to.U, to.UvStride, (byte*)to.V, to.UvStride, to.Width, to.Height, from.Width > 2 * to.Width ? LibYuv.Box : LibYuv.Bilinear);
}
