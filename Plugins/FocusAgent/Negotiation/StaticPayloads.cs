using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>Payload types whose numbers say everything (RFC 3551 table 4), so that an offer need not name them (XEP-0167 section 5).</summary>
public static class StaticPayloads
{
    /// <summary>A payload type with the name and clock that its number has for life, where it tells none.</summary>
    public static RtpPayload Named(RtpPayload offered)
    {
        var (name, clock) = offered.Id switch { 0 => ("PCMU", 8_000), 8 => ("PCMA", 8_000), 9 => ("G722", 8_000), _ => (null, 0) };
        if (name is null || (offered.Name is not null && !name.Equals(offered.Name, StringComparison.OrdinalIgnoreCase))) return offered;
        // RFC 3551 section 4.5.2: G.722's clock says 8,000 by an old mistake that is kept; who tells how it samples means the same.
        return offered with { Name = offered.Name ?? name, ClockRate = offered.ClockRate is 0 or 16_000 ? clock : offered.ClockRate };
    }
}
