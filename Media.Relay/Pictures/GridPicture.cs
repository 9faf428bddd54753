using System.Globalization;
using Parley.Media.Core.Video;

namespace Parley.Media.Relay.Pictures;

/// <summary>
/// Everybody in one picture of one size: tiles in a grid, slides large, names below, a frame around who speaks. Only what changed is drawn anew. On the mixer's thread.
/// </summary>
internal sealed class GridPicture : IDisposable
{
    private const int Shade = 150;

    private static readonly Colour Wall = new(28, 128, 128), Voice = new(175, 70, 70);

    // Eight tones that white letters can be read on.
    private static readonly Colour[] Cards = [new(82, 150, 110), new(75, 118, 150), new(88, 108, 118), new(70, 140, 140), new(90, 120, 110), new(78, 158, 122), new(95, 110, 140), new(68, 130, 128)];

    private readonly PictureCanvas _canvas;
    private readonly INamePainter? _names;
    private readonly Dictionary<(string, int, int), NameBitmap?> _painted = [];
    private readonly List<Tile> _tiles = [];
    private IReadOnlyList<PersonView>? _people;

    /// <summary>Makes a picture.</summary>
    /// <param name="width">Pixels; even.</param>
    /// <param name="height">Pixels; even.</param>
    /// <param name="names">Writes names; null where that is off.</param>
    public GridPicture(int width, int height, INamePainter? names) => (_canvas, _names) = (new(width, height), names);

    /// <summary>The picture as it was drawn last.</summary>
    public I420Buffer Buffer => _canvas.Buffer;

    /// <summary>Draws what changed; says whether anything did.</summary>
    /// <param name="people">Who is shown. The same list as long as nothing about them changes.</param>
    /// <param name="sourceOf">Finds pictures.</param>
    public bool Draw(IReadOnlyList<PersonView> people, Func<int, PictureSource?> sourceOf)
    {
        var isNew = !ReferenceEquals(people, _people);
        if (isNew) Arrange(people);
        var isChanged = isNew;
        foreach (var tile in _tiles)
        {
            var source = tile.Person.Source < 0 ? null : sourceOf(tile.Person.Source);
            if (!isNew && (source?.Version ?? 0) == tile.Version) continue;
            isChanged |= Draw(tile, source, isNew);
        }

        return isChanged;
    }

    /// <inheritdoc/>
    public void Dispose() => _canvas.Dispose();

    private void Arrange(IReadOnlyList<PersonView> people)
    {
        _people = people;
        _tiles.Clear();
        if (_painted.Count > 4 * (people.Count + 4)) _painted.Clear();
        var (width, height) = (Buffer.View.Width, Buffer.View.Height);
        _canvas.Fill(new(0, 0, width, height), Wall);
        if (people.Count == 0) return;
        var slides = people.FirstOrDefault(p => p is { IsSlides: true, Source: >= 0 });
        TileArea large = default;
        List<PersonView> others = [.. people.Where(p => p != slides)];
        var areas = slides is null ? GridLayout.Arrange(people.Count, width, height) : GridLayout.ArrangeBeside(others.Count, width, height, out large);
        if (slides is not null) _tiles.Add(new(slides, large));
        for (var i = 0; i < areas.Count; i++) _tiles.Add(new(others[i], areas[i]));
        var gap = GridLayout.Gap(height);
        foreach (var tile in _tiles.Where(t => t.Person.IsSpeaking))
            _canvas.Fill(new(tile.Area.X - gap, tile.Area.Y - gap, tile.Area.Width + 2 * gap, tile.Area.Height + 2 * gap), Voice);
    }

    private bool Draw(Tile tile, PictureSource? source, bool isNew)
    {
        if (source?.Picture is not { } picture)
        {
            // What could not be decoded leaves what was seen before; the sender has been asked.
            if (!isNew) return false;
            tile.Version = 0;
            DrawCard(tile);
        }
        else
        {
            tile.Version = source.Version;
            var (width, height) = source.Size;
            var area = GridLayout.Fit(tile.Area, width, height);
            if (area != tile.Drawn)
            {
                _canvas.Fill(tile.Area, new(16, 128, 128));
                tile.Drawn = area;
            }

            _canvas.Draw(picture, area, source.Rotation);
        }

        DrawName(tile);
        return true;
    }

    private void DrawCard(Tile tile)
    {
        var name = tile.Person.Name;
        _canvas.Fill(tile.Area, Cards[name.Sum(c => c) % Cards.Length]);
        if (name.Length == 0 || Paint(StringInfo.GetNextTextElement(name).ToUpperInvariant(), tile.Area.Height / 3, tile.Area.Width) is not { } letter) return;
        if (letter.Width > tile.Area.Width || letter.Height > tile.Area.Height) return;
        _canvas.Write(letter, tile.Area.X + ((tile.Area.Width - letter.Width) / 2 & ~1), tile.Area.Y + ((tile.Area.Height - letter.Height) / 2 & ~1), 0);
    }

    private void DrawName(Tile tile)
    {
        // A small tile's name may take more of it, or nobody could read it.
        var size = Math.Max(10, tile.Area.Height / 13);
        if (tile.Person.Name.Length == 0 || Paint(" " + tile.Person.Name + " ", size, tile.Area.Width) is not { } name) return;
        if (name.Width > tile.Area.Width || name.Height > tile.Area.Height) return;
        _canvas.Write(name, tile.Area.X, tile.Area.Y + tile.Area.Height - name.Height, Shade);
    }

    private NameBitmap? Paint(string text, int size, int width)
    {
        if (_names is null || size < 4) return null;
        if (!_painted.TryGetValue((text, size, width), out var bitmap)) _painted[(text, size, width)] = bitmap = _names.Paint(text, size, width);
        return bitmap;
    }

    private sealed class Tile(PersonView person, TileArea area)
    {
        public PersonView Person { get; } = person;

        public TileArea Area { get; } = area;

        public TileArea Drawn { get; set; }

        public long Version { get; set; }
    }
}
