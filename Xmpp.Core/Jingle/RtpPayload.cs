using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>RTCP feedback (XEP-0293), such as <c>nack</c> or <c>nack pli</c>.</summary>
public sealed record RtcpFeedback(string Type, string? Subtype = null)
{
    /// <summary>The form of SDP: type and subtype with a space.</summary>
    public override string ToString() => Subtype is null ? Type : $"{Type} {Subtype}";

    /// <summary>Of the form that <see cref="ToString"/> gives.</summary>
    public static RtcpFeedback Of(string text) => text.Split(' ', 2) is [var type, var subtype] ? new(type, subtype) : new(text);

    internal Element ToElement() => new Element("rtcp-fb", Ns.JingleRtcpFb).Attr("type", Type).Attr("subtype", Subtype);

    internal static RtcpFeedback Read(Element e) => new(Reading.Required(e, "type"), Reading.Optional(e, "subtype"));

    internal static IReadOnlyList<RtcpFeedback> ReadAll(Element parent) => Reading.List(parent.ChildrenNamed("rtcp-fb", Ns.JingleRtcpFb), JingleLimits.Feedback, Read);
}

/// <summary>A payload type of a description (XEP-0167 section 4).</summary>
/// <param name="Id">0 to 127.</param>
/// <param name="Name">The encoding name; null only for static types.</param>
/// <param name="ClockRate">Hertz; 0 where absent.</param>
/// <param name="Channels">Channels, 1 where absent.</param>
/// <param name="Parameters">Format parameters in order.</param>
/// <param name="Feedback">Feedback of this payload type.</param>
/// <param name="PacketTime"><c>ptime</c> in milliseconds; null if absent.</param>
/// <param name="MaxPacketTime"><c>maxptime</c> in milliseconds; null if absent.</param>
public sealed record RtpPayload(int Id, string? Name, int ClockRate, int Channels, IReadOnlyList<KeyValuePair<string, string>> Parameters,
    IReadOnlyList<RtcpFeedback> Feedback, int? PacketTime = null, int? MaxPacketTime = null)
{
    internal Element ToElement()
    {
        var e = new Element("payload-type", Ns.JingleRtp).Attr("id", Reading.Text(Id)).Attr("name", Name);
        if (ClockRate > 0) e.Attr("clockrate", Reading.Text(ClockRate));
        if (Channels != 1) e.Attr("channels", Reading.Text(Channels));
        if (PacketTime is { } p) e.Attr("ptime", Reading.Text(p));
        if (MaxPacketTime is { } m) e.Attr("maxptime", Reading.Text(m));
        foreach (var (name, value) in Parameters)
        {
            // A parameter without a name is the whole fmtp line of formats such as telephone-event.
            e.Add(new Element("parameter", Ns.JingleRtp).Attr("name", name).Attr("value", value));
        }

        return e.Add(Feedback.Select(f => f.ToElement()));
    }

    internal static RtpPayload Read(Element e) => new(
        Reading.Number(e, "id", 0, 127), Reading.Optional(e, "name"), Reading.Number(e, "clockrate", 0, 1_000_000, 0), Reading.Number(e, "channels", 0, 255, 1),
        Reading.List(e.ChildrenNamed("parameter", Ns.JingleRtp), JingleLimits.Parameters, p => KeyValuePair.Create(Reading.Optional(p, "name") ?? "", Reading.Optional(p, "value") ?? "")),
        RtcpFeedback.ReadAll(e), ReadTime(e, "ptime"), ReadTime(e, "maxptime"));

    private static int? ReadTime(Element e, string attribute) => e[attribute] is null ? null : Reading.Number(e, attribute, 0, 10_000);
}
