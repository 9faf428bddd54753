using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Security;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>What a carrier protects, as far as negotiation cares.</summary>
/// <param name="IsEncrypted">Whether TLS ends here, or at a proxy that is trusted.</param>
/// <param name="IsLoopback">Whether the client is on this machine, so that nobody listens between.</param>
/// <param name="CanStartTls">Whether TLS can still begin on this connection.</param>
/// <param name="ServerEndPoint">The channel binding of the certificate shown (RFC 5929 section 4); empty while <c>Auth:ChannelBinding</c> is off or there is no TLS.</param>
/// <param name="TlsVersion">The version of TLS as on the wire, such as 0x0304; null without TLS.</param>
internal sealed record ConnectionSecurity(bool IsEncrypted, bool IsLoopback, bool CanStartTls, ReadOnlyMemory<byte> ServerEndPoint, int? TlsVersion = null)
{
    /// <summary>The version of TLS as on the wire (RFC 8446 section 4.1.2); null for one that is not known here.</summary>
    public static int? VersionOf(SslProtocols? protocol) => protocol switch { SslProtocols.Tls13 => 0x0304, SslProtocols.Tls12 => 0x0303, _ => null };

    /// <summary>What protects a request of HTTP and what comes of it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="binds">Whether channels are bound to the certificate (<c>Auth:ChannelBinding</c>).</param>
    public static ConnectionSecurity Of(HttpContext context, bool binds)
    {
        // Behind a proxy the client's TLS ends there: it has seen another certificate, and its version is not known.
        var isForwarded = context.Features.Get<ForwardedRequest>() is not null;
        var (address, isEncrypted) = (Plain(context.Connection.RemoteIpAddress), context.Request.IsHttps);
        var endsHere = isEncrypted && !isForwarded;
        return new ConnectionSecurity(
            isEncrypted,
            IsLoopback: !isForwarded && address is not null && IPAddress.IsLoopback(address),
            CanStartTls: false,
            endsHere && binds ? TlsServerEndPoint.Of(context.Features.Get<ISslStreamFeature>()?.SslStream) : ReadOnlyMemory<byte>.Empty,
            endsHere ? VersionOf(context.Features.Get<ITlsHandshakeFeature>()?.Protocol) : null);
    }

    /// <summary>Whether SASL may be tried at all: never where somebody between can read or change it.</summary>
    public bool AllowsSasl => IsEncrypted || IsLoopback;

    /// <summary>An address as itself, where a socket of both families shows it inside IPv6.</summary>
    public static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    /// <summary>Whether -PLUS is offered.</summary>
    public bool HasChannelBinding => IsEncrypted && !ServerEndPoint.IsEmpty;
}
