using System.Globalization;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>A candidate of an ICE-UDP transport (XEP-0176 section 5.3).</summary>
/// <param name="Component">1 for RTP, 2 for RTCP.</param>
/// <param name="Foundation">Its foundation.</param>
/// <param name="Generation">The ICE generation.</param>
/// <param name="Id">Unique in the transport.</param>
/// <param name="Ip">A literal address, or a name such as browsers' <c>….local</c>.</param>
/// <param name="Port">The port.</param>
/// <param name="Priority">By RFC 8445 section 5.1.2.</param>
/// <param name="Protocol"><c>udp</c>; others are kept as they came.</param>
/// <param name="Type"><c>host</c>, <c>srflx</c>, <c>prflx</c> or <c>relay</c>.</param>
/// <param name="RelatedAddress">The related address; null if none.</param>
/// <param name="RelatedPort">The related port; null if none.</param>
public sealed record JingleCandidate(int Component, string Foundation, int Generation, string Id, string Ip, int Port, uint Priority,
    string Protocol, string Type, string? RelatedAddress = null, int? RelatedPort = null)
{
    internal Element ToElement()
    {
        var e = new Element("candidate", Ns.JingleIceUdp)
            .Attr("component", Reading.Text(Component)).Attr("foundation", Foundation).Attr("generation", Reading.Text(Generation)).Attr("id", Id)
            .Attr("ip", Ip).Attr("network", "0").Attr("port", Reading.Text(Port)).Attr("priority", Priority.ToString(CultureInfo.InvariantCulture))
            .Attr("protocol", Protocol).Attr("type", Type).Attr("rel-addr", RelatedAddress);
        return RelatedPort is { } port ? e.Attr("rel-port", Reading.Text(port)) : e;
    }

    internal static JingleCandidate Read(Element e) => new(
        Reading.Number(e, "component", 1, 256), Reading.Required(e, "foundation"), Reading.Number(e, "generation", 0, int.MaxValue, 0),
        // XEP-0176 requires an id, but nothing depends on it: some clients leave it out.
        Reading.Optional(e, "id") ?? "", Reading.Required(e, "ip"), Reading.Number(e, "port", 0, 65535),
        uint.TryParse(e["priority"], NumberStyles.None, CultureInfo.InvariantCulture, out var priority) ? priority : throw new JingleFaultException("candidate lacks a valid 'priority'"),
        Reading.Required(e, "protocol"), Reading.Optional(e, "type") ?? "host", Reading.Optional(e, "rel-addr"),
        e["rel-port"] is null ? null : Reading.Number(e, "rel-port", 0, 65535));
}

/// <summary>The pair in use, as the controlling side tells it (XEP-0176 section 5.4).</summary>
public sealed record JingleRemoteCandidate(int Component, string Ip, int Port)
{
    internal Element ToElement() => new Element("remote-candidate", Ns.JingleIceUdp).Attr("component", Reading.Text(Component)).Attr("ip", Ip).Attr("port", Reading.Text(Port));

    internal static JingleRemoteCandidate Read(Element e) => new(Reading.Number(e, "component", 1, 256), Reading.Required(e, "ip"), Reading.Number(e, "port", 0, 65535));
}
