using System.Buffers.Text;
using System.Security.Cryptography;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Components;

/// <summary>STARTTLS and SASL of a component (XEP-0225 section 3): as a client's, but that its name is its domain and its password the secret.</summary>
internal sealed class ComponentLogin(XmppServerSettings settings, ComponentKeys keys, INonzaSink sink, ConnectionSecurity security) : IComponentNegotiation
{
    private ConnectionSecurity _security = security;
    private bool _isOpen;
    private string _domain = "";
    private SaslExchange? _sasl;
    private SaslMechanism? _mechanism;
    private int _failures;

    /// <summary>The component that it authenticated as.</summary>
    public string? Name { get; private set; }

    /// <inheritdoc/>
    public bool IsAuthenticated => Name is not null;

    /// <inheritdoc/>
    public ComponentStep Open(StreamHeader header)
    {
        if (_isOpen) return Fail(StreamConditions.BadFormat);
        _isOpen = true;
        // The server is spoken to by one of its domains, or by the component's own as XEP-0114 has it.
        var asked = Jid.TryParse(header.To, out var to) && to is { Local: null, Resource: null } && (settings.Domains.Contains(to.Domain) || settings.FindComponent(to.Domain) is not null) ? to.Domain : null;
        _domain = asked ?? settings.Domains[0];
        sink.SendHeader(new StreamHeader(_domain, header.From, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(15)), "1.0"));
        if (header.Version is null || !header.Version.StartsWith("1.", StringComparison.Ordinal)) return Fail(StreamConditions.UnsupportedVersion);
        if (asked is null) return Fail(StreamConditions.HostUnknown);
        sink.SendNonza(IsAuthenticated ? new Element("features", Ns.Streams).Add(new Element("bind", Ns.ComponentBind).Add("required")) : Offers());
        return ComponentStep.Read;
    }

    /// <inheritdoc/>
    public ComponentStep Receive(Element element)
    {
        if (!_isOpen) return Fail(StreamConditions.NotAuthorized);
        if (element.Is("starttls", Ns.Tls) && _mechanism is null) return _security.CanStartTls ? new ComponentStep.StartTls(_domain) : Fail(StreamConditions.UnsupportedFeature);
        if (element.Is("abort", Ns.Sasl)) return FailSasl(SaslConditions.Aborted);
        if (element.Is("auth", Ns.Sasl) && _mechanism is null) return Authenticate(element);
        if (element.Is("response", Ns.Sasl) && _mechanism is not null) return SaslExchange.ReadMessage(element) is { } message ? Do(_mechanism.Receive(message)) : FailSasl(SaslConditions.IncorrectEncoding);
        return Fail(element.Namespace == Ns.Client ? StreamConditions.NotAuthorized : StreamConditions.UnsupportedStanzaType);
    }

    /// <summary>TLS has begun: the stream begins anew (RFC 6120 section 5.4.3.3).</summary>
    public void Encrypted(ConnectionSecurity now) => (_security, _isOpen, _sasl, _mechanism) = (now, false, null, null);

    private Element Offers()
    {
        _sasl = new SaslExchange(_security, isGuestDomain: false, _domain, ScramHash.All, keys.Decoys, offersTokens: false);
        var features = new Element("features", Ns.Streams);
        if (_security.CanStartTls) features.Add(new Element("starttls", Ns.Tls).Add(_sasl.Mechanisms.Count == 0 ? new Element("required", Ns.Tls) : null));
        if (_sasl.Mechanisms.Count > 0) features.Add(new Element("mechanisms", Ns.Sasl).Add(_sasl.Mechanisms.Select(m => new Element("mechanism", Ns.Sasl).Text(m))));
        if (_security.HasChannelBinding) features.Add(new Element("sasl-channel-binding", Ns.ChannelBindings).Add("channel-binding", b => b.Attr("type", ScramBinding.Name)));
        return features;
    }

    private ComponentStep Authenticate(Element auth)
    {
        _mechanism = _sasl!.Begin(auth["mechanism"], out var condition);
        if (_mechanism is null) return FailSasl(condition);
        if (auth.Value.Length > 0) return SaslExchange.ReadMessage(auth) is { } message ? Do(_mechanism.Receive(message)) : FailSasl(SaslConditions.IncorrectEncoding);
        sink.SendNonza(new Element("challenge", Ns.Sasl)); // RFC 4422 section 3.2
        return ComponentStep.Read;
    }

    private ComponentStep Do(SaslStep step)
    {
        switch (step)
        {
            case SaslStep.Challenge challenge:
                sink.SendNonza(new Element("challenge", Ns.Sasl).Text(Convert.ToBase64String(challenge.Data.Span)));
                return ComponentStep.Read;
            case SaslStep.NeedKeys need:
                return Do(_mechanism!.Provide(DomainOf(need.UserName) is { } asked ? keys.Find(asked, need.Hash) : null));
            case SaslStep.Success success:
                return Succeed(success);
            case SaslStep.Failure failure:
                return FailSasl(failure.Condition);
            default:
                throw new InvalidOperationException($"{step.GetType().Name} is no step of a component.");
        }
    }

    private ComponentStep Succeed(SaslStep.Success success)
    {
        var name = DomainOf(success.UserName)!;
        if (success.AuthorizationId is { } other && DomainOf(other) != name) return FailSasl(SaslConditions.InvalidAuthzid);
        (Name, _mechanism, _isOpen) = (name, null, false);
        sink.SendNonza(new Element("success", Ns.Sasl).Text(success.Data.IsEmpty ? null : Convert.ToBase64String(success.Data.Span)));
        return new ComponentStep.Restart();
    }

    private ComponentStep FailSasl(string condition)
    {
        _mechanism = null;
        sink.SendNonza(new Element("failure", Ns.Sasl).Add(new Element(condition, Ns.Sasl)));
        return ++_failures < settings.Limits.AuthenticationAttempts ? ComponentStep.Read : Fail(StreamConditions.PolicyViolation, "Too many attempts.");
    }

    private static string? DomainOf(string? text) => Jid.TryParse(text, out var jid) && jid is { Local: null, Resource: null } ? jid.Domain : null;

    private static ComponentStep.Fail Fail(string condition, string? text = null) => new(new StreamError(condition, text));
}
