using System.Globalization;

namespace Parley.Plugins.FocusAgent.Reservations;

/// <summary>When a reservation is to end: a time (XEP-0082), or so many seconds from now.</summary>
public static class ReservationEnd
{
    /// <summary>How long a reservation lasts where nothing is said.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromHours(2);

    /// <summary>Reads an end; null if either text is none.</summary>
    public static DateTimeOffset? Read(string? until, string? duration, DateTimeOffset now)
    {
        if (!string.IsNullOrWhiteSpace(until)) return TryReadTime(until.Trim(), out var time) ? time : null;
        if (string.IsNullOrWhiteSpace(duration)) return now + Default;
        // A century at most, so that no sum overflows; how long one may really be is judged later.
        return int.TryParse(duration.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? now + TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>Writes a time as XEP-0082 has it.</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static bool TryReadTime(string text, out DateTimeOffset time)
    {
        string[] forms = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        time = default;
        // The zone is not optional: a time without one means something else to everybody.
        return (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal))
            && DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }
}
