using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Blocking;

/// <summary>Why somebody is blocked (XEP-0377 section 4), bounded.</summary>
/// <param name="Reason">A URI, such as <c>urn:xmpp:reporting:spam</c>.</param>
/// <param name="Text">The user's own words; empty for none.</param>
/// <param name="StanzaIds">Messages that are meant, by the ids that the archive gave them.</param>
internal sealed record Report(string Reason, string Text, IReadOnlyList<string> StanzaIds)
{
    public const string Namespace = "urn:xmpp:reporting:1";

    private const int MaxReason = 256, MaxText = 4000, MaxIds = 50, MaxId = 256;

    /// <summary>Reads the report of an item; null if there is none or it does not say why. It never keeps the item from being blocked (section 6).</summary>
    public static Report? Read(Element item)
    {
        if (item.Child("report", Namespace) is not { } report || report["reason"] is not { Length: > 0 and <= MaxReason } reason) return null;
        var text = report.Child("text")?.Value.Trim() ?? "";
        return new Report(reason, text.Length <= MaxText ? text : text[..MaxText],
            [.. report.ChildrenNamed("stanza-id", "urn:xmpp:sid:0").Select(s => s["id"]).OfType<string>().Where(i => i.Length is > 0 and <= MaxId && !i.Contains(' ', StringComparison.Ordinal)).Take(MaxIds)]);
    }
}
