using System.Net.Security;

namespace Parley.Xmpp.Server.Federation.Outgoing;

/// <summary>What all streams with other servers share.</summary>
internal sealed class FederationContext(IFederationRules rules, TrustedRoots roots, ServerConnector connector, DialbackVerifier verifier)
{
    /// <summary>The protocol's name in ALPN (XEP-0368).</summary>
    public static SslApplicationProtocol Protocol { get; } = new("xmpp-server");

    public IFederationRules Rules { get; } = rules;

    public TrustedRoots Roots { get; } = roots;

    public ServerConnector Connector { get; } = connector;

    public DialbackVerifier Verifier { get; } = verifier;
}
