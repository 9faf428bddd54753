using System.Diagnostics.CodeAnalysis;
using System.Net;
using Parley.Media.Control;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>Makes transports without ICE (XEP-0177), by the operator's settings.</summary>
public static class RawTransports
{
    /// <summary>The transport to a peer whose address was judged.</summary>
    /// <param name="rtp">Where it takes RTP.</param>
    /// <param name="rtcp">Where it takes RTCP; null for the same.</param>
    /// <param name="options">The settings.</param>
    public static RawTransport Of(IPEndPoint rtp, IPEndPoint? rtcp, RawUdpOptions options) =>
        new(rtp, rtcp, options.Trusts(rtp.Address), options.ConnectTimeout, options.SilenceTimeout, options.KeyframeInterval);

    /// <summary>Reads what a client signals.</summary>
    /// <param name="signalled">The transport.</param>
    /// <param name="isMuxed">RTCP goes with RTP.</param>
    /// <param name="options">The settings.</param>
    /// <param name="fault">What breaks a rule; null with a null answer where the address is none that may be sent to.</param>
    public static RawTransport? Read(RawUdpTransport signalled, bool isMuxed, RawUdpOptions options, out string? fault)
    {
        fault = null;
        // XEP-0177 section 4.2: the candidate is a must, and RFC 3550 section 11 says where RTCP is when nobody does. Names are not resolved.
        if (signalled.Of(1) is not { } rtp) fault = "transport lacks a candidate of component 1";
        else if (!TryReadAddress(rtp.Ip, out var address)) fault = "candidate has no literal address";
        else if (options.Allows(address))
        {
            var rtcp = signalled.Of(2);
            if (isMuxed) return Of(new(address, rtp.Port), null, options);
            if (rtcp is null) return rtp.Port < IPEndPoint.MaxPort ? Of(new(address, rtp.Port), new(address, rtp.Port + 1), options) : null;
            if (TryReadAddress(rtcp.Ip, out var beside) && beside.Equals(address)) return Of(new(address, rtp.Port), new(address, rtcp.Port), options);
        }

        return null;
    }

    /// <summary>What the relay can do for a peer that repeats nothing under numbers of its own.</summary>
    public static RelayCapabilities Plain(RelayCapabilities all) => all with { Codecs = [.. all.Codecs.Select(c => c with { RtxNumber = null })] };

    /// <summary>Our side of it.</summary>
    public static RawUdpTransport Write(TransportState state, bool isMuxed) =>
        new([.. state.Candidates.Where(c => c.Component == 1 || !isMuxed).Select(c => new RawUdpCandidate(c.Component, 0, c.Id, c.Address.Address.ToString(), c.Address.Port))]);

    /// <summary>An address in the one form that others are compared with.</summary>
    public static IPAddress Normal(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool TryReadAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = IPAddress.TryParse(text, out var read) ? Normal(read) : null;
        return address is not null;
    }
}
