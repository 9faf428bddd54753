using System.Globalization;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>How much history somebody who enters wants (XEP-0045 section 7.2.14); null for no such bound.</summary>
/// <param name="MaxCharacters">The most characters of whole stanzas.</param>
/// <param name="MaxStanzas">The most messages.</param>
/// <param name="Seconds">Only the last that many seconds.</param>
/// <param name="Since">Only from that time on.</param>
internal sealed record HistoryRequest(int? MaxCharacters, int? MaxStanzas, int? Seconds, DateTimeOffset? Since)
{
    /// <summary>Reads it from the <c>x</c> of whoever enters. A bound that is no number is as one that was not named.</summary>
    public static HistoryRequest Read(Element? x)
    {
        var history = x?.Child("history");
        DateTimeOffset? since = DateTimeOffset.TryParse(history?["since"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
        return new HistoryRequest(Number(history?["maxchars"]), Number(history?["maxstanzas"]), Number(history?["seconds"]), since);
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
