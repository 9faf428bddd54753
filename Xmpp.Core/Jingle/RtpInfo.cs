using System.Diagnostics.CodeAnalysis;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>What an RTP session-info says (XEP-0167 section 8).</summary>
public enum RtpInfoKind
{
    Active, Hold, Mute, Ringing, Unhold, Unmute,
}

/// <summary>An RTP session-info payload (XEP-0167 section 8).</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Creator">The creator of the content that it is about; null for all.</param>
/// <param name="Name">The name of the content that it is about; null for all.</param>
public sealed record RtpInfo(RtpInfoKind Kind, JingleCreator? Creator = null, string? Name = null)
{
    /// <summary>The namespace of these payloads.</summary>
    public const string Namespace = "urn:xmpp:jingle:apps:rtp:info:1";

    /// <summary>The payload.</summary>
    public Element ToElement() => new Element(JingleNames.Write(Kind), Namespace).Attr("creator", Creator is { } c ? JingleNames.Write(c) : null).Attr("name", Name);

    /// <summary>Reads a payload; false if it is none of these.</summary>
    public static bool TryRead(Element e, [NotNullWhen(true)] out RtpInfo? info)
    {
        info = null;
        if (e.Namespace != Namespace || !JingleNames.TryRead<RtpInfoKind>(e.Name, out var kind)) return false;
        info = new RtpInfo(kind, JingleNames.TryRead<JingleCreator>(e["creator"], out var creator) ? creator : null, e["name"]);
        return true;
    }
}
