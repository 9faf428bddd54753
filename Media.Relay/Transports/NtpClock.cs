namespace Parley.Media.Relay.Transports;

/// <summary>The wall clock of our sender reports: it runs with the worker's clock from one reading on, so that a corrected system clock makes no report jump.</summary>
/// <param name="atZero">NTP time, 32.32, at the worker's millisecond 0.</param>
internal readonly struct NtpClock(ulong atZero)
{
    // Seconds from 1900 to 1970 (RFC 868).
    private const long UnixEpoch = 2_208_988_800;

    /// <summary>A clock that agrees with a time at a millisecond of the worker's.</summary>
    public static NtpClock Of(DateTimeOffset now, long nowMs)
    {
        var (seconds, ms) = Math.DivRem(now.ToUnixTimeMilliseconds() - nowMs, 1000);
        return new(((ulong)(seconds + UnixEpoch) << 32) + Fraction(ms));
    }

    /// <summary>NTP time at a millisecond.</summary>
    public ulong At(long nowMs) => atZero + ((ulong)(nowMs / 1000) << 32) + Fraction(nowMs % 1000);

    /// <summary>The wall clock at the worker's millisecond 0.</summary>
    public DateTimeOffset Epoch => DateTimeOffset.FromUnixTimeMilliseconds(((long)(atZero >> 32) - UnixEpoch) * 1000 + (long)Math.Round((uint)atZero / 4294967.296));

    /// <summary>The millisecond of an NTP time; far from now it means nothing.</summary>
    public long MsOf(ulong ntp) => (long)Math.Round((long)(ntp - atZero) / 4294967.296);

    private static ulong Fraction(long ms) => (ulong)((ms << 32) / 1000);
}
