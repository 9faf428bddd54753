using System.Text;
using Parley.Media.Relay.Native;

namespace Parley.Media.Relay.Pictures;

/// <summary>Writes names by Pango, which knows every script for which there is a font. From one thread.</summary>
internal sealed unsafe class PangoNames : INamePainter
{
    private const string Font = "Sans Bold";

    // Whoever gives a longer name has it cut before it costs anything.
    private const int MaxLength = 100;

    /// <inheritdoc/>
    public NameBitmap? Paint(string text, int size, int maxWidth)
    {
        var bytes = Encoding.UTF8.GetBytes(Clean(text));
        // Room for what letters of some scripts have above and below.
        var (width, height) = ((Math.Max(2, maxWidth) + 3) & ~3, (size * 2 + 1) & ~1);
        if (bytes.Length == 0) return null;
        var alpha = new byte[width * height];
        var (shownWidth, shownHeight) = Draw(bytes, alpha, width, height, size);
        shownWidth = Math.Min(width, (shownWidth + 1) & ~1);
        shownHeight = Math.Min(height, (shownHeight + 1) & ~1);
        if (shownWidth < 2 || shownHeight < 2) return null;
        var cut = new byte[shownWidth * shownHeight];
        for (var row = 0; row < shownHeight; row++) alpha.AsSpan(row * width, shownWidth).CopyTo(cut.AsSpan(row * shownWidth));
        return new(cut, shownWidth, shownHeight);
    }

    private static (int Width, int Height) Draw(byte[] text, byte[] alpha, int width, int height, int size)
    {
        fixed (byte* data = alpha, letters = text)
        {
            var surface = LibCairo.SurfaceOver(data, LibCairo.Alpha, width, height, width);
            var cairo = LibCairo.Create(surface);
            var layout = LibPango.CreateLayout(cairo);
            var font = LibPango.FontFrom(Font);
            LibPango.SetAbsoluteSize(font, size * LibPango.Scale);
            LibPango.SetFont(layout, font);
            LibPango.SetSingleParagraph(layout, 1);
            LibPango.SetText(layout, letters, text.Length);
            LibPango.GetSize(layout, out var shownWidth, out var shownHeight);
            if (shownWidth > width)
            {
                // Only then, since a layout with a width sets what is written from right to left at its right edge.
                LibPango.SetWidth(layout, width * LibPango.Scale);
                LibPango.SetEllipsize(layout, LibPango.EllipsizeEnd);
                LibPango.GetSize(layout, out _, out shownHeight);
                shownWidth = width;
            }

            LibCairo.MoveTo(cairo, 0, 0);
            LibPango.Show(cairo, layout);
            LibCairo.Flush(surface);
            LibPango.FreeFont(font);
            LibCairo.Unref(layout);
            LibCairo.Destroy(cairo);
            LibCairo.DestroySurface(surface);
            return (shownWidth, shownHeight);
        }
    }

    private static string Clean(string text)
    {
        var cut = text.Length > MaxLength ? text[..MaxLength] : text;
        // Half of a pair of surrogates becomes a sign of its own; what moves the others about or cannot be seen is left out.
        return string.Concat(cut.EnumerateRunes().Where(r => !Rune.IsControl(r) && r.Value is not (>= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069)).Select(r => r.ToString())).Trim();
    }
}
