using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>What a stream offers (RFC 6120 section 4.3.2).</summary>
internal static class StreamFeatures
{
    /// <summary>The namespace of session establishment (RFC 3921 section 3), which old clients do and new ones skip.</summary>
    public const string SessionNamespace = "urn:ietf:params:xml:ns:xmpp-session";

    private const string ChannelBindings = "urn:xmpp:sasl-cb:0";

    /// <summary>The SASL mechanisms, best first: no password in the clear without TLS, nothing at all where others listen.</summary>
    public static IReadOnlyList<string> Mechanisms(ConnectionSecurity security, bool isGuestDomain)
    {
        if (!security.AllowsSasl) return [];
        if (isGuestDomain) return ["ANONYMOUS"];
        var offered = new List<string>();
        if (security.HasChannelBinding) offered.AddRange(["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"]);
        offered.AddRange(["SCRAM-SHA-256", "SCRAM-SHA-1"]);
        if (security.IsEncrypted) offered.Add("PLAIN");
        return offered;
    }

    /// <summary>The features before authentication.</summary>
    public static Element BeforeAuthentication(ConnectionSecurity security, bool isGuestDomain)
    {
        var features = new Element("features", Ns.Streams);
        var mechanisms = Mechanisms(security, isGuestDomain);
        if (security.CanStartTls) features.Add(new Element("starttls", Ns.Tls).Add(mechanisms.Count == 0 ? new Element("required", Ns.Tls) : null));
        if (mechanisms.Count == 0) return features;
        features.Add(new Element("mechanisms", Ns.Sasl).Add(mechanisms.Select(m => new Element("mechanism", Ns.Sasl).Text(m))));
        // XEP-0440: else a client would guess the binding, and guess tls-unique.
        if (security.HasChannelBinding && !isGuestDomain)
        {
            features.Add(new Element("sasl-channel-binding", ChannelBindings).Add("channel-binding", b => b.Attr("type", ScramBinding.Name)));
        }

        return features;
    }

    /// <summary>The features after it.</summary>
    /// <param name="approvesAhead">Whether subscriptions can be approved before they are asked for (RFC 6121 section 3.4).</param>
    public static Element AfterAuthentication(bool approvesAhead) => new Element("features", Ns.Streams)
        .Add(new Element("bind", Ns.Bind).Add("required"))
        .Add(new Element("session", SessionNamespace).Add("optional"))
        .Add(approvesAhead ? new Element("sub", Ns.PreApproval) : null);
}
