namespace Parley.Media.Core.Video;

/// <summary>A part of a picture, in pixels; all even, as the colours have half the size.</summary>
public readonly record struct TileArea(int X, int Y, int Width, int Height);

/// <summary>Where everybody is in a composed picture.</summary>
public static class GridLayout
{
    // Of the height: the gap between tiles, in which whoever speaks has a frame.
    private const int GapShare = 90;

    private const int AspectWidth = 16, AspectHeight = 9;

    /// <summary>The gap between tiles, and to the edge.</summary>
    public static int Gap(int height) => Math.Max(2, height / GapShare & ~1);

    /// <summary>Places a number of tiles of 16:9, as large as they can be, in rows; a last row that is not full stands in the middle.</summary>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="width">The picture's, even.</param>
    /// <param name="height">The picture's, even.</param>
    public static IReadOnlyList<TileArea> Arrange(int count, int width, int height) => Arrange(count, new TileArea(0, 0, width, height), Gap(height));

    /// <summary>Places slides large, and the others in a column beside them.</summary>
    /// <param name="others">How many beside the slides.</param>
    /// <param name="width">The picture's, even.</param>
    /// <param name="height">The picture's, even.</param>
    /// <param name="slides">Where the slides are; for them to fit in as they are.</param>
    public static IReadOnlyList<TileArea> ArrangeBeside(int others, int width, int height, out TileArea slides)
    {
        var gap = Gap(height);
        // A column that holds four above each other, or more in two.
        var column = others == 0 ? 0 : Even(width / 5);
        slides = new(gap, gap, Even(width - 2 * gap - column), Even(height - 2 * gap));
        return others == 0 ? [] : Arrange(others, new TileArea(width - column - gap, 0, column + gap, height), gap);
    }

    /// <summary>Where a picture of some size stands in a tile, as large as it can be without being cut or distorted.</summary>
    public static TileArea Fit(TileArea tile, int width, int height)
    {
        var (w, h) = (long)width * tile.Height > (long)height * tile.Width
            ? (tile.Width, (int)((long)height * tile.Width / width))
            : ((int)((long)width * tile.Height / height), tile.Height);
        // What is nearly the tile's shape fills it: a line of two pixels at the edge is only ugly.
        w = tile.Width - w <= 4 ? tile.Width : Math.Max(2, Even(w));
        h = tile.Height - h <= 4 ? tile.Height : Math.Max(2, Even(h));
        return new(tile.X + Even((tile.Width - w) / 2), tile.Y + Even((tile.Height - h) / 2), w, h);
    }

    private static List<TileArea> Arrange(int count, TileArea area, int gap)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var (columns, tile) = (1, (Width: 0, Height: 0));
        for (var n = 1; n <= count; n++)
        {
            var candidate = TileOf(n, (count + n - 1) / n, area, gap);
            if (candidate.Width > tile.Width) (columns, tile) = (n, candidate);
        }

        // So many that none has a pixel left: as many as there is room for.
        if (tile.Width < 2 || tile.Height < 2) return [];
        var rows = (count + columns - 1) / columns;
        var areas = new List<TileArea>(count);
        var top = area.Y + Even((area.Height - rows * tile.Height - (rows - 1) * gap) / 2);
        for (var i = 0; i < count; i++)
        {
            var (row, column) = (i / columns, i % columns);
            var inRow = Math.Min(columns, count - row * columns);
            var left = area.X + Even((area.Width - inRow * tile.Width - (inRow - 1) * gap) / 2);
            areas.Add(new(left + column * (tile.Width + gap), top + row * (tile.Height + gap), tile.Width, tile.Height));
        }

        return areas;
    }

    private static (int Width, int Height) TileOf(int columns, int rows, TileArea area, int gap)
    {
        var (width, height) = (Even((area.Width - (columns + 1) * gap) / columns), Even((area.Height - (rows + 1) * gap) / rows));
        return width * AspectHeight > height * AspectWidth ? (Even(height * AspectWidth / AspectHeight), height) : (width, Even(width * AspectHeight / AspectWidth));
    }

    private static int Even(int value) => value & ~1;
}
