namespace Parley.Media.Relay.Pictures;

/// <summary>A picture in memory that somebody else keeps: three planes, the colours at half the size each way.</summary>
/// <param name="Y">Brightness.</param>
/// <param name="U">Blue.</param>
/// <param name="V">Red.</param>
/// <param name="YStride">Bytes from one row of <paramref name="Y"/> to the next.</param>
/// <param name="UvStride">Bytes from one row of the colours to the next.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal unsafe readonly record struct I420View(nint Y, nint U, nint V, int YStride, int UvStride, int Width, int Height)
{
    /// <summary>A part of it; the corner is even.</summary>
    public I420View Part(int x, int y, int width, int height) => new(Y + y * YStride + x, U + y / 2 * UvStride + x / 2, V + y / 2 * UvStride + x / 2, YStride, UvStride, width, height);

    /// <summary>The brightness of a pixel.</summary>
    public byte BrightnessAt(int x, int y) => ((byte*)Y)[y * YStride + x];

    /// <summary>The colours of a pixel.</summary>
    public (byte U, byte V) ColourAt(int x, int y) => (((byte*)U)[y / 2 * UvStride + x / 2], ((byte*)V)[y / 2 * UvStride + x / 2]);
}
