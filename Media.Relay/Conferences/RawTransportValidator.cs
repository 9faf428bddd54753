using System.Net;
using System.Net.Sockets;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Relay.Transports;
using static Parley.Media.Relay.Conferences.RequestValidator;

namespace Parley.Media.Relay.Conferences;

/// <summary>Validates what a request says of a transport without ICE. Which networks are trusted is the focus's to judge; what no network makes right is refused here.</summary>
internal static class RawTransportValidator
{
    // Below are services, to which nobody is to speak in this server's name.
    private const int FirstPort = 1024;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static void Check(TransportSpec spec, RawTransport raw, RelayTransport? current, IRawPorts? ports)
    {
        if (ports is null) throw new MediaRelayException(RelayFault.Unavailable, "This relay has no ports for transports without ICE");
        if (spec.Remote is not null || spec.Generation != 0) throw Bad($"The transport {spec.Id} cannot be with ICE and without");
        if (current is not null && current.Spec.Raw != raw) throw Bad($"The peer of the transport {spec.Id} does not change");
        if (current is not null) return; // judged when it came
        CheckAddress(spec.Id, raw.Rtp, ports);
        if (raw.Rtcp is { } rtcp)
        {
            CheckAddress(spec.Id, rtcp, ports);
            if (!rtcp.Address.Equals(raw.Rtp.Address)) throw Bad($"The transport {spec.Id} has RTP and RTCP at different addresses");
        }

        foreach (var time in new[] { raw.ConnectTimeout, raw.SilenceTimeout })
        {
            if (time <= TimeSpan.Zero || time > Longest) throw Bad($"The transport {spec.Id} has a time that is none, or longer than a day");
        }

        if (raw.KeyframeInterval < TimeSpan.Zero || raw.KeyframeInterval > Longest) throw Bad($"The transport {spec.Id} wants keyframes at an impossible interval");
    }

    private static void CheckAddress(string id, IPEndPoint at, IRawPorts ports)
    {
        var (address, isIPv4) = (at.Address, at.AddressFamily == AddressFamily.InterNetwork);
        var first = address.GetAddressBytes()[0];
        var isUnicast = isIPv4 ? first is > 0 and < 224 : !address.IsIPv6Multicast && !address.IsIPv6LinkLocal && !address.IsIPv4MappedToIPv6 && !address.Equals(IPAddress.IPv6Any);
        if (!isUnicast) throw Bad($"The transport {id} has a peer's address that is none of one machine");
        if (at.Port < FirstPort) throw Bad($"The transport {id} has a peer's port below {FirstPort}");
        if (ports.IsOwn(AddressKey.Of(at))) throw Bad($"The transport {id} would lead to this relay itself");
    }
}
