namespace Parley.Media.Relay.Pictures;

/// <summary>Text as it is laid over a picture: how much of each pixel it covers, 255 being all of it.</summary>
/// <param name="Alpha">Rows of <paramref name="Width"/> bytes.</param>
/// <param name="Width">Pixels; even.</param>
/// <param name="Height">Pixels; even.</param>
internal sealed record NameBitmap(byte[] Alpha, int Width, int Height);

/// <summary>Makes bitmaps of names.</summary>
internal interface INamePainter
{
    /// <summary>Writes a text.</summary>
    /// <param name="text">One line, in any script.</param>
    /// <param name="size">The font's size in pixels.</param>
    /// <param name="maxWidth">What is longer ends with an ellipsis.</param>
    /// <returns>Null if nothing of it can be seen.</returns>
    NameBitmap? Paint(string text, int size, int maxWidth);
}
