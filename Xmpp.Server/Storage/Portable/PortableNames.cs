using System.Globalization;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>The names of the portable format (XEP-0227) and its dates (XEP-0082).</summary>
internal static class PortableNames
{
    public const string Pie = "urn:xmpp:pie:0";
    public const string Scram = "urn:xmpp:pie:0#scram";
    public const string XInclude = "http://www.w3.org/2001/XInclude";
    public const string ScramPrefix = "SCRAM-";

    /// <summary>Reads a date; null if it is none.</summary>
    public static DateTimeOffset? ReadTime(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
