using System.Globalization;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>A source of a description (XEP-0339 section 2).</summary>
/// <param name="Ssrc">The SSRC.</param>
/// <param name="Parameters">Its attributes, such as <c>cname</c> and <c>msid</c>.</param>
public sealed record RtpSource(uint Ssrc, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>The value of an attribute; null if absent.</summary>
    public string? this[string name] => Parameters.Where(p => p.Key == name).Select(p => p.Value).FirstOrDefault();

    internal Element ToElement()
    {
        var e = new Element("source", Ns.JingleSsma).Attr("ssrc", WriteSsrc(Ssrc));
        foreach (var (name, value) in Parameters)
        {
            e.Add(new Element("parameter", Ns.JingleSsma).Attr("name", name).Attr("value", value.Length == 0 ? null : value));
        }

        return e;
    }

    internal static RtpSource Read(Element e) => new(ReadSsrc(e),
        Reading.List(e.ChildrenNamed("parameter", Ns.JingleSsma), JingleLimits.Parameters, p => KeyValuePair.Create(Reading.Required(p, "name"), Reading.Optional(p, "value") ?? "")));

    internal static uint ReadSsrc(Element e) =>
        uint.TryParse(e["ssrc"], NumberStyles.None, CultureInfo.InvariantCulture, out var ssrc) ? ssrc : throw new JingleFaultException($"{e.Name} lacks a valid 'ssrc'");

    internal static string WriteSsrc(uint ssrc) => ssrc.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Sources that belong together (XEP-0339 section 3), such as FID: a stream and its retransmissions.</summary>
public sealed record RtpSourceGroup(string Semantics, IReadOnlyList<uint> Ssrcs)
{
    internal Element ToElement() => new Element("ssrc-group", Ns.JingleSsma).Attr("semantics", Semantics)
        .Add(Ssrcs.Select(s => new Element("source", Ns.JingleSsma).Attr("ssrc", RtpSource.WriteSsrc(s))));

    internal static RtpSourceGroup Read(Element e) =>
        new(Reading.Required(e, "semantics"), Reading.List(e.ChildrenNamed("source", Ns.JingleSsma), JingleLimits.Sources, RtpSource.ReadSsrc));
}
