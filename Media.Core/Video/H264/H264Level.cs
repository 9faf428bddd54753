namespace Parley.Media.Core.Video.H264;

/// <summary>What a level allows (ITU-T H.264 table A-1).</summary>
/// <param name="Idc">level_idc: ten times the level, and 9 for level 1b.</param>
/// <param name="MacroblocksPerSecond">MaxMBPS; a macroblock is 16 times 16 pixels.</param>
/// <param name="Macroblocks">MaxFS: of a picture.</param>
/// <param name="Bitrate">MaxBR in bits a second.</param>
public sealed record H264Level(int Idc, int MacroblocksPerSecond, int Macroblocks, int Bitrate)
{
    private static readonly H264Level[] All =
    [
        new(10, 1_485, 99, 64_000), new(9, 1_485, 99, 128_000), new(11, 3_000, 396, 192_000), new(12, 6_000, 396, 384_000), new(13, 11_880, 396, 768_000),
        new(20, 11_880, 396, 2_000_000), new(21, 19_800, 792, 4_000_000), new(22, 20_250, 1_620, 4_000_000), new(30, 40_500, 1_620, 10_000_000), new(31, 108_000, 3_600, 14_000_000),
        new(32, 216_000, 5_120, 20_000_000), new(40, 245_760, 8_192, 20_000_000), new(41, 245_760, 8_192, 50_000_000), new(42, 522_240, 8_704, 50_000_000), new(50, 589_824, 22_080, 135_000_000),
        new(51, 983_040, 36_864, 240_000_000), new(52, 2_073_600, 36_864, 240_000_000),
    ];

    /// <summary>The level of a profile-level-id; the largest known one below it where it is not defined, null below all.</summary>
    /// <param name="idc">level_idc.</param>
    /// <param name="isOneB">constraint_set3_flag, which in baseline, main and extended makes level 1b of 1.1.</param>
    public static H264Level? Of(int idc, bool isOneB) => idc == 9 || (idc == 11 && isOneB) ? All[1] : All.LastOrDefault(l => l.Idc != 9 && l.Idc <= idc);

    /// <summary>Whether pictures of a size fit in at a rate.</summary>
    public bool Allows(int width, int height, double rate)
    {
        var (columns, rows) = ((width + 15) / 16, (height + 15) / 16);
        // Section A.3.1: neither side is longer than the root of eight times the area.
        return columns * rows <= Math.Min(Macroblocks, MacroblocksPerSecond / rate) && Math.Max(columns, rows) <= Math.Sqrt(8.0 * Macroblocks);
    }

    /// <summary>Whether whoever decodes up to this level decodes another.</summary>
    public bool Covers(H264Level other) => Array.IndexOf(All, other) <= Array.IndexOf(All, this);
}
