using System.Net;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>What a carrier protects, as far as negotiation cares.</summary>
/// <param name="IsEncrypted">Whether TLS ends here.</param>
/// <param name="IsLoopback">Whether the client is on this machine, so that nobody listens between.</param>
/// <param name="CanStartTls">Whether TLS can still begin on this connection.</param>
/// <param name="ServerEndPoint">The channel binding of the certificate shown (RFC 5929 section 4); empty while <c>Auth:ChannelBinding</c> is off or there is no TLS.</param>
internal sealed record ConnectionSecurity(bool IsEncrypted, bool IsLoopback, bool CanStartTls, ReadOnlyMemory<byte> ServerEndPoint)
{
    /// <summary>Whether SASL may be tried at all: never where somebody between can read or change it.</summary>
    public bool AllowsSasl => IsEncrypted || IsLoopback;

    /// <summary>An address as itself, where a socket of both families shows it inside IPv6.</summary>
    public static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    /// <summary>Whether -PLUS is offered.</summary>
    public bool HasChannelBinding => IsEncrypted && !ServerEndPoint.IsEmpty;
}
