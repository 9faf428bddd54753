using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>Pango with cairo, which sets names in whatever script they are written. Optional, see <see cref="TextLibraries"/>.</summary>
internal static unsafe partial class LibPango
{
    public const string Name = "pango", CairoName = "pangocairo";

    /// <summary>PANGO_SCALE: units a pixel.</summary>
    public const int Scale = 1024;

    /// <summary>PANGO_ELLIPSIZE_END.</summary>
    public const int EllipsizeEnd = 3;

    static LibPango() => NativeLibraries.EnsureResolver();

    [LibraryImport(CairoName, EntryPoint = "pango_cairo_create_layout")]
    public static partial nint CreateLayout(nint cairo);

    [LibraryImport(CairoName, EntryPoint = "pango_cairo_show_layout")]
    public static partial void Show(nint cairo, nint layout);

    [LibraryImport(Name, EntryPoint = "pango_layout_set_text")]
    public static partial void SetText(nint layout, byte* text, int length);

    [LibraryImport(Name, EntryPoint = "pango_layout_set_width")]
    public static partial void SetWidth(nint layout, int width);

    [LibraryImport(Name, EntryPoint = "pango_layout_set_ellipsize")]
    public static partial void SetEllipsize(nint layout, int mode);

    [LibraryImport(Name, EntryPoint = "pango_layout_set_single_paragraph_mode")]
    public static partial void SetSingleParagraph(nint layout, int value);

    [LibraryImport(Name, EntryPoint = "pango_layout_set_font_description")]
    public static partial void SetFont(nint layout, nint font);

    [LibraryImport(Name, EntryPoint = "pango_layout_get_pixel_size")]
    public static partial void GetSize(nint layout, out int width, out int height);

    [LibraryImport(Name, EntryPoint = "pango_font_description_from_string", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint FontFrom(string description);

    [LibraryImport(Name, EntryPoint = "pango_font_description_set_absolute_size")]
    public static partial void SetAbsoluteSize(nint font, double size);

    [LibraryImport(Name, EntryPoint = "pango_font_description_free")]
    public static partial void FreeFont(nint font);
}
