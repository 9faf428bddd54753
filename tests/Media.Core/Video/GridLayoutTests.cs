using Parley.Media.Core.Video;

namespace Parley.tests.Media.Core.Video;

public class GridLayoutTests
{
    private static readonly (int Width, int Height)[] Sizes = [(1280, 720), (640, 360), (320, 180)];

    [Fact]
    public void Tiles_never_meet_are_even_and_of_one_shape_and_fill_the_picture_well()
    {
        foreach (var (width, height) in Sizes)
        {
            for (var count = 1; count <= 25; count++)
            {
                var tiles = GridLayout.Arrange(count, width, height);
                Check(tiles, width, height, count);
                Assert.Single(tiles.Select(t => (t.Width, t.Height)).Distinct());
                Assert.InRange((double)tiles[0].Width / tiles[0].Height, 1.6, 2.0);
                // Two side by side leave half empty; no number is worse.
                Assert.True(tiles.Sum(t => t.Width * t.Height) > width * height * 0.40, $"{count} on {width}x{height}: {tiles[0]}");
            }
        }
    }

    [Fact]
    public void Slides_take_the_large_place()
    {
        foreach (var (width, height) in Sizes)
        {
            for (var others = 0; others <= 15; others++)
            {
                var tiles = GridLayout.ArrangeBeside(others, width, height, out var slides);
                Check([.. tiles, slides], width, height, others + 1);
                Assert.True(slides.Width * slides.Height > width * height * (others == 0 ? 0.9 : 0.7));
                Assert.All(tiles, t => Assert.True(t.Width * t.Height * 4 < slides.Width * slides.Height));
            }
        }
    }

    [Theory]
    [InlineData(640, 360, 200, 112, 200, 112)] // its shape
    [InlineData(640, 480, 200, 112, 148, 112)] // bars at the sides
    [InlineData(360, 640, 200, 112, 62, 112)] // a phone held upright
    [InlineData(1920, 800, 200, 112, 200, 82)] // bars above and below
    [InlineData(16383, 1, 200, 112, 200, 2)] // whatever that is
    public void A_picture_is_neither_cut_nor_distorted(int width, int height, int tileWidth, int tileHeight, int shownWidth, int shownHeight)
    {
        var tile = new TileArea(10, 20, tileWidth, tileHeight);
        var fit = GridLayout.Fit(tile, width, height);
        Assert.Equal((shownWidth, shownHeight), (fit.Width, fit.Height));
        Assert.True(fit.X >= 10 && fit.Y >= 20 && fit.X + fit.Width <= 10 + tileWidth && fit.Y + fit.Height <= 20 + tileHeight);
        Assert.Equal(0, (fit.X | fit.Y | fit.Width | fit.Height) & 1);
    }

    private static void Check(IReadOnlyList<TileArea> tiles, int width, int height, int count)
    {
        Assert.Equal(count, tiles.Count);
        Assert.All(tiles, t => Assert.True(t is { X: >= 0, Y: >= 0, Width: > 0, Height: > 0 } && t.X + t.Width <= width && t.Y + t.Height <= height && ((t.X | t.Y | t.Width | t.Height) & 1) == 0, $"{t}"));
        for (var i = 0; i < tiles.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (a, b) = (tiles[i], tiles[j]);
                Assert.True(a.X >= b.X + b.Width || b.X >= a.X + a.Width || a.Y >= b.Y + b.Height || b.Y >= a.Y + a.Height, $"{a} meets {b}");
            }
        }
    }
}
