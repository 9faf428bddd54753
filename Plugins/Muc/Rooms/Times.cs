using System.Globalization;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Times on the wire (XEP-0082).</summary>
internal static class Times
{
    /// <summary>A time, to the second.</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
