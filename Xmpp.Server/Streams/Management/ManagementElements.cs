using System.Globalization;
using System.Xml;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Streams.Management;

/// <summary>The elements of stream management (XEP-0198).</summary>
internal static class ManagementElements
{
    /// <summary>Asks for the other side's count.</summary>
    public static Element Request { get; } = New("r").Freeze();

    /// <summary>Tells how many stanzas are handled.</summary>
    public static Element Answer(uint h) => New("a").Attr("h", Text(h));

    /// <summary>The stream is managed.</summary>
    /// <param name="id">By which it can be resumed; null: it cannot.</param>
    /// <param name="max">For how long.</param>
    public static Element Enabled(string? id, TimeSpan max) => id is null ? New("enabled")
        : New("enabled").Attr("id", id).Attr("resume", "true").Attr("max", ((long)max.TotalSeconds).ToString(CultureInfo.InvariantCulture));

    /// <summary>The stream is resumed.</summary>
    public static Element Resumed(string id, uint h) => New("resumed").Attr("previd", id).Attr("h", Text(h));

    /// <summary>It is not, or not managed.</summary>
    public static Element Failed(StanzaCondition condition, uint? h = null)
    {
        // The condition alone, as the children of a stanza's error have it (section 6).
        var named = new StanzaError(condition).ToElement().Children.First();
        return New("failed").Attr("h", h is { } count ? Text(count) : null).Add(named.IsFrozen ? named.Copy() : named);
    }

    /// <summary>The error for a client that acknowledges what it was never sent (section 6).</summary>
    public static StreamError TooHigh(uint h, uint sent) => new(
        "undefined-condition", $"You acknowledged {h} stanzas, but only {sent} were sent to you.", New("handled-count-too-high").Attr("h", Text(h)).Attr("send-count", Text(sent)));

    /// <summary>A count: an unsigned 32-bit number.</summary>
    public static bool TryReadCount(string? text, out uint count) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);

    /// <summary>What a client wants to resume, and how far it came; null if it does not say so.</summary>
    public static (string PreviousId, uint Handled)? ReadResume(Element resume) =>
        resume["previd"] is { Length: > 0 } previous && TryReadCount(resume["h"], out var handled) ? (previous, handled) : null;

    /// <summary>For how long a client that enables stream management may come back; null where it asks wrongly.</summary>
    /// <param name="enable">What it says.</param>
    /// <param name="most">The most that it may have.</param>
    public static TimeSpan? ReadEnable(Element enable, TimeSpan most)
    {
        if (enable["max"] is { } text)
        {
            if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return null;
            var wanted = TimeSpan.FromSeconds(seconds);
            if (wanted < most) most = wanted;
        }

        return ReadBoolean(enable["resume"]) ? most : TimeSpan.Zero;
    }

    /// <summary>A boolean of XML Schema; false where it is absent or none.</summary>
    public static bool ReadBoolean(string? text)
    {
        try
        {
            return text is not null && XmlConvert.ToBoolean(text);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static Element New(string name) => new(name, Ns.StreamManagement);

    private static string Text(uint count) => count.ToString(CultureInfo.InvariantCulture);
}
