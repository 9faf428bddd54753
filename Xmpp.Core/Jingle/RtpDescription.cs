using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>A header extension (XEP-0294).</summary>
/// <param name="Id">1 to 255.</param>
/// <param name="Uri">What it is.</param>
/// <param name="Senders">Who may send it.</param>
public sealed record RtpExtension(int Id, string Uri, JingleSenders Senders = JingleSenders.Both)
{
    internal Element ToElement()
    {
        var e = new Element("rtp-hdrext", Ns.JingleRtpHdrExt).Attr("id", Reading.Text(Id)).Attr("uri", Uri);
        return Senders == JingleSenders.Both ? e : e.Attr("senders", JingleNames.Write(Senders));
    }

    internal static RtpExtension Read(Element e) => new(Reading.Number(e, "id", 1, 255), Reading.Required(e, "uri"), Reading.Word(e, "senders", JingleSenders.Both));
}

/// <summary>An RTP description (XEP-0167) with feedback, header extensions and sources (XEP-0293, 0294, 0339).</summary>
/// <param name="Media"><c>audio</c> or <c>video</c>; others are kept as they came.</param>
public sealed record RtpDescription(string Media)
{
    /// <summary>The payload types by preference.</summary>
    public IReadOnlyList<RtpPayload> Payloads { get; init; } = [];

    /// <summary>Feedback for all payload types.</summary>
    public IReadOnlyList<RtcpFeedback> Feedback { get; init; } = [];

    /// <summary>Header extensions.</summary>
    public IReadOnlyList<RtpExtension> Extensions { get; init; } = [];

    /// <summary>Whether one-byte and two-byte extension headers may be mixed (XEP-0294 section 4, RFC 8285 section 6).</summary>
    public bool ExtmapAllowMixed { get; init; }

    /// <summary>Whether RTCP shares RTP's port (XEP-0167 section 4, RFC 5761).</summary>
    public bool RtcpMux { get; init; }

    /// <summary>Whether RTCP of reduced size may be sent (RFC 5506); no XEP carries it, clients write it all the same.</summary>
    public bool RtcpReducedSize { get; init; }

    /// <summary>The sources.</summary>
    public IReadOnlyList<RtpSource> Sources { get; init; } = [];

    /// <summary>Groups of sources.</summary>
    public IReadOnlyList<RtpSourceGroup> SourceGroups { get; init; } = [];

    /// <summary>The <c>description</c> element.</summary>
    public Element ToElement()
    {
        var e = new Element("description", Ns.JingleRtp).Attr("media", Media);
        e.Add(Payloads.Select(p => p.ToElement())).Add(Feedback.Select(f => f.ToElement())).Add(Extensions.Select(x => x.ToElement()));
        if (ExtmapAllowMixed) e.Add(new Element("extmap-allow-mixed", Ns.JingleRtpHdrExt));
        e.Add(SourceGroups.Select(g => g.ToElement())).Add(Sources.Select(s => s.ToElement()));
        if (RtcpMux) e.Add("rtcp-mux");
        if (RtcpReducedSize) e.Add("rtcp-rsize");
        return e;
    }

    internal static RtpDescription Read(Element e) => new(Reading.Required(e, "media"))
    {
        Payloads = Reading.List(e.ChildrenNamed("payload-type", Ns.JingleRtp), JingleLimits.Payloads, RtpPayload.Read),
        Feedback = RtcpFeedback.ReadAll(e),
        Extensions = Reading.List(e.ChildrenNamed("rtp-hdrext", Ns.JingleRtpHdrExt), JingleLimits.Extensions, RtpExtension.Read),
        ExtmapAllowMixed = e.Child("extmap-allow-mixed", Ns.JingleRtpHdrExt) is not null,
        RtcpMux = e.Child("rtcp-mux") is not null,
        RtcpReducedSize = e.Child("rtcp-rsize") is not null,
        Sources = Reading.List(e.ChildrenNamed("source", Ns.JingleSsma), JingleLimits.Sources, RtpSource.Read),
        SourceGroups = Reading.List(e.ChildrenNamed("ssrc-group", Ns.JingleSsma), JingleLimits.Sources, RtpSourceGroup.Read),
    };
}
