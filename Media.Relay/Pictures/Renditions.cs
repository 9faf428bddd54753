using Parley.Media.Core.Video;

namespace Parley.Media.Relay.Pictures;

/// <summary>A size and rate in which a composed picture is made.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Divisor">It is made at every so-manieth of the <see cref="Renditions.Rate"/> moments a second.</param>
/// <param name="Bitrate">Bits a second.</param>
internal sealed record Rendition(int Width, int Height, int Divisor, int Bitrate);

/// <summary>What a composed picture is made in, largest first.</summary>
internal static class Renditions
{
    /// <summary>Moments a second at which pictures are composed.</summary>
    public const int Rate = 15;

    /// <summary>Milliseconds from one moment to the next.</summary>
    public const int IntervalMs = 1000 / Rate;

    public static IReadOnlyList<Rendition> All { get; } = [new(1280, 720, 1, 1_200_000), new(640, 360, 1, 500_000), new(320, 180, 2, 120_000)];

    /// <summary>The encoder of one.</summary>
    public static PictureSettings SettingsOf(Rendition rendition, VideoCoding coding) => new(coding, rendition.Width, rendition.Height, Rate / rendition.Divisor, coding.Bound(rendition.Bitrate));

    /// <summary>The largest that may be sent in a coding; null if none.</summary>
    public static int? LargestOf(VideoCoding coding)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (coding.Allows(All[i].Width, All[i].Height, (double)Rate / All[i].Divisor)) return i;
        }

        return null;
    }
}
