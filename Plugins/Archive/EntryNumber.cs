namespace Parley.Plugins.Archive;

/// <summary>
/// An entry's number: the millisecond at which it came and, below it, a count of those that came in the same one. Numbers of an owner ascend in the order of arrival even
/// where the clock is set back, so that order, pages and times are all ranges of one index.
/// </summary>
internal static class EntryNumber
{
    private const int CountBits = 20;

    /// <summary>The lowest number of a time.</summary>
    public static long First(long unixMs) => unixMs << CountBits;

    /// <summary>The time of a number, to the millisecond.</summary>
    public static DateTimeOffset TimeOf(long number) => DateTimeOffset.FromUnixTimeMilliseconds(number >> CountBits);

    /// <summary>The number for what comes next.</summary>
    /// <param name="unixMs">When it came.</param>
    /// <param name="last">The owner's last number; 0 for none.</param>
    public static long Next(long unixMs, long last) => Math.Max(First(unixMs), last + 1);

    /// <summary>The lowest number that a query's <c>start</c> admits: of the first millisecond that is not before it.</summary>
    public static long From(DateTimeOffset start) => First(Clamp((start.UtcTicks - DateTimeOffset.UnixEpoch.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond));

    /// <summary>The highest number that a query's <c>end</c> admits.</summary>
    public static long UpTo(DateTimeOffset end) => First(Clamp(end.ToUnixTimeMilliseconds()) + 1) - 1;

    private static long Clamp(long unixMs) => Math.Clamp(unixMs, 0, (long.MaxValue >> CountBits) - 1);
}
