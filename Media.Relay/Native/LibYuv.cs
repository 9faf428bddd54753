using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>libyuv, as far as pictures are scaled, turned and drawn here. Optional, see <see cref="VideoLibraries"/>. All functions take memory and sizes, no structure.</summary>
internal static unsafe partial class LibYuv
{
    public const string Name = "yuv";

    /// <summary>Filters of <see cref="Scale"/>: averaging gives the best small pictures.</summary>
    public const int Bilinear = 2, Box = 3;

    /// <summary>What is used of it; a library that lacks one of these is not the one that we know.</summary>
    public static readonly string[] Functions = ["I420Scale", "I420Rotate", "I420Rect"];

    static LibYuv() => NativeLibraries.EnsureResolver();

    [LibraryImport(Name, EntryPoint = "I420Scale")]
    public static partial int Scale(byte* y, int yStride, byte* u, int uStride, byte* v, int vStride, int width, int height,
        byte* toY, int toYStride, byte* toU, int toUStride, byte* toV, int toVStride, int toWidth, int toHeight, int filter);

    /// <summary>Turns a picture clockwise by 90, 180 or 270 degrees.</summary>
    [LibraryImport(Name, EntryPoint = "I420Rotate")]
    public static partial int Rotate(byte* y, int yStride, byte* u, int uStride, byte* v, int vStride, byte* toY, int toYStride, byte* toU, int toUStride, byte* toV, int toVStride, int width, int height, int degrees);

    [LibraryImport(Name, EntryPoint = "I420Rect")]
    public static partial int Fill(byte* y, int yStride, byte* u, int uStride, byte* v, int vStride, int x, int top, int width, int height, int valueY, int valueU, int valueV);
}
