using System.Globalization;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>What a stream offers (RFC 6120 section 4.3.2).</summary>
internal static class StreamFeatures
{
    /// <summary>The namespace of session establishment (RFC 3921 section 3), which old clients do and new ones skip.</summary>
    public const string SessionNamespace = "urn:ietf:params:xml:ns:xmpp-session";

    /// <summary>The features before authentication.</summary>
    /// <param name="security">What the carrier protects.</param>
    /// <param name="sasl">Which mechanisms there are.</param>
    /// <param name="isGuestDomain">Whether guests come in here.</param>
    /// <param name="bindFeatures">What can be turned on with a resource.</param>
    /// <param name="limits">The limits now.</param>
    public static Element BeforeAuthentication(ConnectionSecurity security, SaslExchange sasl, bool isGuestDomain, IEnumerable<string> bindFeatures, StreamLimits limits)
    {
        var mechanisms = sasl.Mechanisms;
        var features = new Element("features", Ns.Streams);
        if (security.CanStartTls) features.Add(new Element("starttls", Ns.Tls).Add(mechanisms.Count == 0 ? new Element("required", Ns.Tls) : null));
        if (mechanisms.Count > 0) features.Add(new Element("mechanisms", Ns.Sasl).Add(mechanisms.Select(m => new Element("mechanism", Ns.Sasl).Text(m))));
        // XEP-0388 section 5: never before TLS.
        if (mechanisms.Count > 0 && security.IsEncrypted) features.Add(Sasl2(sasl, bindFeatures));
        // XEP-0440: else a client would guess the binding, and guess tls-unique.
        if (security.HasChannelBinding && !isGuestDomain)
        {
            features.Add(new Element("sasl-channel-binding", Ns.ChannelBindings).Add("channel-binding", b => b.Attr("type", ScramBinding.Name)));
        }

        return features.Add(Limits(limits.UnauthenticatedStanzaBytes, idle: null));
    }

    private static Element Sasl2(SaslExchange sasl, IEnumerable<string> bindFeatures)
    {
        var bind = new Element("bind", Ns.Bind2).Add("inline", i => i.Add(bindFeatures.Select(f => new Element("feature", Ns.Bind2).Attr("var", f))));
        var inline = new Element("inline", Ns.Sasl2).Add(new Element("sm", Ns.StreamManagement)).Add(bind);
        if (sasl.FastMechanisms.Count > 0) inline.Add(new Element("fast", Ns.Fast).Add(sasl.FastMechanisms.Select(m => new Element("mechanism", Ns.Fast).Text(m))));
        return new Element("authentication", Ns.Sasl2).Add(sasl.Mechanisms.Select(m => new Element("mechanism", Ns.Sasl2).Text(m))).Add(inline);
    }

    /// <summary>The features after it.</summary>
    /// <param name="isBound">Whether there is a resource already.</param>
    /// <param name="isManaged">Whether the stream is managed already: @xmpp/client would ask for it once more.</param>
    /// <param name="rosters">What rosters can do.</param>
    /// <param name="takesClientState">Whether the client may say that nobody looks at it (XEP-0352 section 3).</param>
    /// <param name="capabilities">What the server can do.</param>
    /// <param name="limits">The limits now.</param>
    public static Element AfterAuthentication(bool isBound, bool isManaged, IEnumerable<Element> rosters, bool takesClientState, IEnumerable<Element> capabilities, StreamLimits limits) => new Element("features", Ns.Streams)
        .Add(isBound ? null : new Element("bind", Ns.Bind).Add("required"))
        .Add(isBound ? null : new Element("session", SessionNamespace).Add("optional"))
        .Add(isManaged ? null : new Element("sm", Ns.StreamManagement).Add("optional"))
        .Add(rosters)
        .Add(takesClientState ? new Element("csi", Ns.ClientState) : null)
        .Add(Limits(limits.StanzaBytes, limits.IdleBeforePing))
        .Add(capabilities);

    // XEP-0478.
    private static Element Limits(int bytes, TimeSpan? idle)
    {
        var limits = new Element("limits", Ns.StreamLimits).Add("max-bytes", m => m.Text(bytes.ToString(CultureInfo.InvariantCulture)));
        return idle is { } time ? limits.Add("idle-seconds", i => i.Text(((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture))) : limits;
    }
}
