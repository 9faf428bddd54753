using System.Net;

namespace Parley.Xmpp.Server.Configuration;

/// <summary>Reads <c>Server:StunServer</c>.</summary>
internal static class StunServerName
{
    private const int StandardPort = 3478; // RFC 8489 section 8

    /// <summary>The host and the port; null where it is neither <c>host</c> nor <c>host:port</c>. An IPv6 address with a port stands in brackets.</summary>
    public static DnsEndPoint? Read(string text)
    {
        if (text.Length == 0) return null;
        if (IPAddress.TryParse(text, out var address) && !text.StartsWith('[')) return new(address.ToString(), StandardPort);
        if (!Uri.TryCreate("stun://" + text, UriKind.Absolute, out var uri) || !string.Equals(uri.Authority, text, StringComparison.OrdinalIgnoreCase) || uri.HostNameType == UriHostNameType.Unknown || uri.Port == 0) return null;
        return new(uri.IdnHost, uri.IsDefaultPort || uri.Port < 0 ? StandardPort : uri.Port);
    }
}
