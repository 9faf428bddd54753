using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>A candidate of a raw UDP transport (XEP-0177 section 4.2).</summary>
/// <param name="Component">1 for RTP, 2 for RTCP.</param>
/// <param name="Generation">Which version of it this is.</param>
/// <param name="Id">Unique in the transport.</param>
/// <param name="Ip">A literal address.</param>
/// <param name="Port">The port.</param>
public sealed record RawUdpCandidate(int Component, int Generation, string Id, string Ip, int Port)
{
    internal Element ToElement() => new Element("candidate", Ns.JingleRawUdp).Attr("component", Reading.Text(Component)).Attr("generation", Reading.Text(Generation))
        .Attr("id", Id).Attr("ip", Ip).Attr("port", Reading.Text(Port));

    internal static RawUdpCandidate Read(Element e) => new(Reading.Number(e, "component", 1, 256), Reading.Number(e, "generation", 0, int.MaxValue, 0),
        // Required, but nothing depends on it.
        Reading.Optional(e, "id") ?? "", Reading.Required(e, "ip"), Reading.Number(e, "port", 1, 65535));
}

/// <summary>A raw UDP transport (XEP-0177): where media go, without any check that they arrive.</summary>
/// <param name="Candidates">One for each component.</param>
public sealed record RawUdpTransport(IReadOnlyList<RawUdpCandidate> Candidates)
{
    /// <summary>The newest candidate of a component; null if there is none.</summary>
    public RawUdpCandidate? Of(int component) => Candidates.Where(c => c.Component == component).MaxBy(c => c.Generation);

    /// <summary>The <c>transport</c> element.</summary>
    public Element ToElement() => new Element("transport", Ns.JingleRawUdp).Add(Candidates.Select(c => c.ToElement()));

    internal static RawUdpTransport Read(Element e) => new(Reading.List(e.ChildrenNamed("candidate", Ns.JingleRawUdp), JingleLimits.Candidates, RawUdpCandidate.Read));
}
