using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Pictures;

namespace Parley.tests.Media.Relay.Pictures;

/// <summary>What a composed picture looks like.</summary>
public sealed class GridPictureTests : IDisposable
{
    private readonly Dictionary<int, PictureSource> _sources = [];

    [Fact]
    public void Everybody_has_a_tile_with_a_name_and_whoever_speaks_a_frame()
    {
        using var grid = new GridPicture(640, 360, new PangoNames());
        List<PersonView> people = [.. Enumerable.Range(0, 5).Select(i => new PersonView($"Person {i}", Source(i, 320, 180), false, i == 3)), new PersonView("Zoë", -1, false, false)];
        Assert.True(grid.Draw(people, _sources.GetValueOrDefault));
        var picture = grid.Buffer.View;
        Save(picture, "grid");
        var tiles = GridLayout.Arrange(6, 640, 360);
        for (var i = 0; i < 5; i++) Assert.Equal(i, TestPicture.WhoseIn(picture, tiles[i]));
        Assert.Equal(-1, TestPicture.WhoseIn(picture, tiles[5]));
        // White letters at the lower left, everywhere.
        Assert.All(tiles, t => Assert.True(Bright(picture, new(t.X, t.Y + t.Height - 14, t.Width / 2, 14)) > 20));
        // A frame around one only.
        Assert.All(tiles.Select((t, i) => (t, i)), t => Assert.Equal(t.i == 3, picture.BrightnessAt(t.t.X + t.t.Width / 2, t.t.Y - 2) > 100));
        Assert.False(grid.Draw(people, _sources.GetValueOrDefault)); // nothing new
    }

    [Fact]
    public void Slides_are_large_and_a_picture_on_its_side_is_upright()
    {
        using var grid = new GridPicture(1280, 720, null);
        List<PersonView> people = [new("Ann", Source(0, 320, 180, rotation: 90), false, false), new("Bob", Source(1, 1280, 720), true, false), new("Cem", Source(2, 320, 180), false, false)];
        grid.Draw(people, _sources.GetValueOrDefault);
        var picture = grid.Buffer.View;
        Save(picture, "slides");
        var beside = GridLayout.ArrangeBeside(2, 1280, 720, out var large);
        Assert.Equal(1, TestPicture.WhoseIn(picture, large));
        Assert.Equal([0, 2], beside.Select(t => TestPicture.WhoseIn(picture, t)));
        // Upright it is narrow: bars at the sides, which the one lying has not.
        Assert.Equal(-1, TestPicture.WhoseAt(picture, beside[0].X + 8, beside[0].Y + beside[0].Height / 2));
        Assert.Equal(2, TestPicture.WhoseAt(picture, beside[1].X + 8, beside[1].Y + beside[1].Height / 4));
    }

    [Theory]
    [InlineData(0, true, true)]
    [InlineData(90, true, false)]
    [InlineData(180, false, true)]
    [InlineData(270, false, false)]
    public void A_picture_is_turned_clockwise(int rotation, bool isFirst, bool isAbove)
    {
        // One half above the other; turned by a quarter what was above is to the right.
        using var canvas = new PictureCanvas(320, 320);
        canvas.Fill(new(0, 0, 320, 160), new(110, TestPicture.Colours[0].U, TestPicture.Colours[0].V));
        canvas.Fill(new(0, 160, 320, 160), new(110, TestPicture.Colours[1].U, TestPicture.Colours[1].V));
        using var encoder = new VpxEncoder(new(VideoCoding.Vp8, 320, 320, 15, 400_000));
        encoder.Encode(canvas.Buffer, 0, true, out var frame, out _);
        var source = _sources[0] = new PictureSource(() => { });
        Assert.True(source.Put(new(PayloadFormat.Vp8, true, 0, rotation), frame));
        using var grid = new GridPicture(360, 360, null);
        grid.Draw([new PersonView("", 0, true, false)], _sources.GetValueOrDefault); // slides: all the room
        var picture = grid.Buffer.View;
        (int, int) corners = isAbove ? (TestPicture.WhoseAt(picture, 180, 90), TestPicture.WhoseAt(picture, 180, 270)) : (TestPicture.WhoseAt(picture, 270, 180), TestPicture.WhoseAt(picture, 90, 180));
        Assert.Equal(isFirst ? (0, 1) : (1, 0), corners);
    }

    [Fact]
    public void A_picture_that_cannot_be_decoded_leaves_what_was_seen()
    {
        using var grid = new GridPicture(640, 360, null);
        List<PersonView> people = [new("Ann", Source(0, 320, 180), false, false)];
        grid.Draw(people, _sources.GetValueOrDefault);
        Assert.False(_sources[0].Put(new(PayloadFormat.Vp8, false, 0, 0), [1, 2, 3, 4]));
        Assert.False(grid.Draw(people, _sources.GetValueOrDefault));
        Assert.Equal(0, TestPicture.WhoseAt(grid.Buffer.View, 320, 100));
    }

    [Theory]
    [InlineData("Ann")]
    [InlineData("Ζωή Παπαδοπούλου")]
    [InlineData("שלום עולם")]
    [InlineData("💃 𝒜\u202Enn\0\u0007")]
    [InlineData("a name that is far too long to be shown in any tile whatever, and goes on and on and on and on and on and on and on and on")]
    [InlineData("\ud800 half a pair")]
    public void Names_of_every_script_are_written_and_fit(string name)
    {
        var bitmap = new PangoNames().Paint(name, 16, 200)!;
        Assert.InRange(bitmap.Width, 8, 200);
        Assert.InRange(bitmap.Height, 8, 32);
        Assert.Equal(bitmap.Width * bitmap.Height, bitmap.Alpha.Length);
        Assert.InRange(bitmap.Alpha.Count(a => a > 128), 20, bitmap.Alpha.Length / 2);
    }

    [Fact]
    public void Names_that_say_nothing_are_not_written()
    {
        Assert.True(TextLibraries.AreThere);
        Assert.All((string[])["", "   ", "\u202E", "\0\n"], n => Assert.Null(new PangoNames().Paint(n, 16, 200)));
    }

    public void Dispose()
    {
        foreach (var source in _sources.Values) source.Dispose();
    }

    private static int Bright(I420View picture, TileArea area) =>
        Enumerable.Range(0, area.Height).Sum(y => Enumerable.Range(0, area.Width).Count(x => picture.BrightnessAt(area.X + x, area.Y + y) > 190));

    // PARLEY_PICTURES names a folder for whoever wants to look.
    private static void Save(I420View picture, string name)
    {
        if (Environment.GetEnvironmentVariable("PARLEY_PICTURES") is { } folder) File.WriteAllBytes(Path.Combine(folder, name + ".ppm"), TestPicture.ToPpm(picture));
    }

    private int Source(int person, int width, int height, int rotation = 0)
    {
        var source = _sources[person] = new PictureSource(() => { });
        using var sender = new PictureSender(person, width, height);
        Assert.True(source.Put(new(PayloadFormat.Vp8, true, 0, rotation), sender.Next(out _)));
        return person;
    }
}
