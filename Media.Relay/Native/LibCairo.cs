using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>cairo, as far as <see cref="LibPango"/> needs it to draw on.</summary>
internal static unsafe partial class LibCairo
{
    public const string Name = "cairo", ObjectName = "gobject";

    /// <summary>CAIRO_FORMAT_A8: one byte a pixel, how much of it is covered.</summary>
    public const int Alpha = 2;

    static LibCairo() => NativeLibraries.EnsureResolver();

    [LibraryImport(Name, EntryPoint = "cairo_image_surface_create_for_data")]
    public static partial nint SurfaceOver(byte* data, int format, int width, int height, int stride);

    [LibraryImport(Name, EntryPoint = "cairo_surface_flush")]
    public static partial void Flush(nint surface);

    [LibraryImport(Name, EntryPoint = "cairo_surface_destroy")]
    public static partial void DestroySurface(nint surface);

    [LibraryImport(Name, EntryPoint = "cairo_create")]
    public static partial nint Create(nint surface);

    [LibraryImport(Name, EntryPoint = "cairo_move_to")]
    public static partial void MoveTo(nint cairo, double x, double y);

    [LibraryImport(Name, EntryPoint = "cairo_destroy")]
    public static partial void Destroy(nint cairo);

    [LibraryImport(ObjectName, EntryPoint = "g_object_unref")]
    public static partial void Unref(nint instance);
}
