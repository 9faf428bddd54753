using System.Net;
using System.Security.Authentication;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>What a carrier protects, as far as negotiation cares.</summary>
/// <param name="IsEncrypted">Whether TLS ends here.</param>
/// <param name="IsLoopback">Whether the client is on this machine, so that nobody listens between.</param>
/// <param name="CanStartTls">Whether TLS can still begin on this connection.</param>
/// <param name="ServerEndPoint">The channel binding of the certificate shown (RFC 5929 section 4); empty while <c>Auth:ChannelBinding</c> is off or there is no TLS.</param>
/// <param name="TlsVersion">The version of TLS as on the wire, such as 0x0304; null without TLS.</param>
internal sealed record ConnectionSecurity(bool IsEncrypted, bool IsLoopback, bool CanStartTls, ReadOnlyMemory<byte> ServerEndPoint, int? TlsVersion = null)
{
    /// <summary>The version of TLS as on the wire (RFC 8446 section 4.1.2); null for one that is not known here.</summary>
    public static int? VersionOf(SslProtocols? protocol) => protocol switch { SslProtocols.Tls13 => 0x0304, SslProtocols.Tls12 => 0x0303, _ => null };

    /// <summary>Whether SASL may be tried at all: never where somebody between can read or change it.</summary>
    public bool AllowsSasl => IsEncrypted || IsLoopback;

    /// <summary>An address as itself, where a socket of both families shows it inside IPv6.</summary>
    public static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    /// <summary>Whether -PLUS is offered.</summary>
    public bool HasChannelBinding => IsEncrypted && !ServerEndPoint.IsEmpty;
}
