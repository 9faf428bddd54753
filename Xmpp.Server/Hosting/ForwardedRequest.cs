namespace Parley.Xmpp.Server.Hosting;

/// <summary>
/// Among the features of a request that a trusted proxy passed on (<c>Listeners:Http:TrustedProxies</c>): its remote address and scheme are those of the client, as the proxy says. Nothing
/// of it is from this machine, whatever the address.
/// </summary>
/// <param name="SaysScheme">Whether the proxy said how the client came to it; else the scheme is that of its own connection.</param>
/// <param name="IsEncryptedHere">Whether TLS protects the proxy's own connection.</param>
public sealed record ForwardedRequest(bool SaysScheme, bool IsEncryptedHere);
