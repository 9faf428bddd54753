using System.Buffers.Text;
using System.Security.Cryptography;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>
/// Brings a client stream from its first header to a bound resource (RFC 6120 sections 4 to 7). Sans-IO: events of the parser in, elements to the sink and a step
/// to do out; whoever drives it does the step and says what came of it. <c>approvesAhead</c> tells which domains' rosters take approvals ahead of requests.
/// </summary>
internal sealed class StreamNegotiation(XmppServerSettings settings, ScramDecoys decoys, INonzaSink sink, ConnectionSecurity security, Func<string, bool> approvesAhead)
{
    private ConnectionSecurity _security = security;
    private State _state = State.AwaitingHeader;
    private string? _domain;
    private Identity? _identity;
    private SaslMechanism? _mechanism;
    private int _failures;

    private enum State
    {
        AwaitingHeader,
        AwaitingAuthentication,
        AwaitingResponse,
        AwaitingBind,
    }

    private bool IsGuestDomain => _domain is not null && settings.ParentOfGuestDomain(_domain) is not null;

    /// <summary>Takes a stream header or its WebSocket equivalent.</summary>
    public NegotiationStep Open(StreamHeader header)
    {
        if (_state != State.AwaitingHeader) return Fail(StreamConditions.BadFormat);
        var asked = Jid.TryParse(header.To, out var to) && to.Local is null && to.Resource is null ? to.Domain : null;
        var isServed = asked is not null && (settings.Domains.Contains(asked) || settings.ParentOfGuestDomain(asked) is not null);
        // The answer names somebody even where the question named nobody who is here (RFC 6120 section 4.9.1.2).
        sink.SendHeader(new StreamHeader(isServed ? asked : settings.Domains[0], header.From, NewId(), "1.0"));
        if (header.Version is null || !header.Version.StartsWith("1.", StringComparison.Ordinal)) return Fail(StreamConditions.UnsupportedVersion);
        if (!isServed) return Fail(StreamConditions.HostUnknown);
        // Whoever authenticated at one domain is nobody at another.
        if (_identity is not null && asked != _domain) return Fail(StreamConditions.NotAuthorized);
        _domain = asked;
        _state = _identity is null ? State.AwaitingAuthentication : State.AwaitingBind;
        sink.SendNonza(_identity is null ? StreamFeatures.BeforeAuthentication(_security, IsGuestDomain) : StreamFeatures.AfterAuthentication(!IsGuestDomain && approvesAhead(_domain!)));
        return NegotiationStep.Read;
    }

    /// <summary>Takes an element.</summary>
    public NegotiationStep Receive(Element element)
    {
        switch (_state)
        {
            case State.AwaitingAuthentication when element.Is("starttls", Ns.Tls):
                return _security.CanStartTls ? new NegotiationStep.StartTls() : Fail(StreamConditions.UnsupportedFeature);
            case State.AwaitingAuthentication when element.Is("auth", Ns.Sasl):
                return Authenticate(element);
            case State.AwaitingResponse when element.Is("response", Ns.Sasl):
                return SaslExchange.ReadMessage(element) is { } message ? Do(_mechanism!.Receive(message)) : FailSasl(SaslConditions.IncorrectEncoding);
            case State.AwaitingAuthentication or State.AwaitingResponse when element.Is("abort", Ns.Sasl):
                return FailSasl(SaslConditions.Aborted);
            case State.AwaitingBind when element.Is("iq", Ns.Client) && element["type"] == "set" && element["id"] is { } id && element.Child("bind", Ns.Bind) is { } bind:
                var resource = bind.Child("resource")?.Value;
                return new NegotiationStep.Bind(_identity!, string.IsNullOrEmpty(resource) ? null : resource, id);
            default:
                // RFC 6120 sections 4.9.3.12 and 7.1: no stanza before authentication and binding.
                return Fail(element.Namespace == Ns.Client || _state == State.AwaitingHeader ? StreamConditions.NotAuthorized : StreamConditions.UnsupportedStanzaType);
        }
    }

    /// <summary>TLS has begun: everything known is forgotten and the stream begins anew (RFC 6120 section 5.4.3.3).</summary>
    public void Encrypted(ConnectionSecurity now)
    {
        (_security, _domain, _mechanism) = (now, null, null);
        _state = State.AwaitingHeader;
    }

    /// <summary>Gives the keys that were asked for; null if there is no such account.</summary>
    public NegotiationStep Provide(ScramCredentials? credentials) => Do(_mechanism!.Provide(credentials));

    /// <summary>Binding failed: the client may ask for another resource (RFC 6120 section 7.7.2).</summary>
    public NegotiationStep Refuse(NegotiationStep.Bind asked, StanzaCondition condition)
    {
        sink.SendNonza(new Element("iq", Ns.Client).Attr("type", "error").Attr("id", asked.IqId).Add(new StanzaError(condition).ToElement()));
        return CountFailure();
    }

    private NegotiationStep Authenticate(Element auth)
    {
        _mechanism = SaslExchange.Begin(auth["mechanism"], _security, IsGuestDomain, _domain!, decoys, out var condition);
        if (_mechanism is null) return FailSasl(condition);
        if (SaslExchange.ReadMessage(auth) is not { } message) return FailSasl(SaslConditions.IncorrectEncoding);
        _state = State.AwaitingResponse;
        if (auth.Value.Length > 0 || _mechanism is AnonymousMechanism) return Do(_mechanism.Receive(message));
        // No initial response: the client's turn is asked for (RFC 4422 section 3.2).
        sink.SendNonza(new Element("challenge", Ns.Sasl));
        return NegotiationStep.Read;
    }

    private NegotiationStep Do(SaslStep step)
    {
        switch (step)
        {
            case SaslStep.Challenge challenge:
                sink.SendNonza(new Element("challenge", Ns.Sasl).Text(Convert.ToBase64String(challenge.Data.Span)));
                return NegotiationStep.Read;
            case SaslStep.NeedKeys need:
                return Jid.TryCreate(need.UserName, _domain!, null, out var account) ? new NegotiationStep.FindKeys(account, need.Hash) : Provide(null);
            case SaslStep.Success success:
                return Succeed(success);
            case SaslStep.Failure failure:
                return FailSasl(failure.Condition);
            default:
                throw new InvalidOperationException($"{step.GetType().Name} is no step of a server.");
        }
    }

    private NegotiationStep Succeed(SaslStep.Success success)
    {
        var user = success.UserName ?? RandomUser();
        if (!Jid.TryCreate(user, _domain!, null, out var bare)) return FailSasl(SaslConditions.NotAuthorized);
        // Nobody may act as anybody else here.
        if (success.AuthorizationId is { } asked && (!Jid.TryParse(asked, out var other) || other != bare)) return FailSasl(SaslConditions.InvalidAuthzid);
        _identity = new Identity(bare, success.UserName is null ? SenderKind.Guest : SenderKind.Account);
        _mechanism = null;
        _state = State.AwaitingHeader;
        sink.SendNonza(new Element("success", Ns.Sasl).Text(success.Data.IsEmpty ? null : Convert.ToBase64String(success.Data.Span)));
        return new NegotiationStep.Restart();
    }

    private NegotiationStep FailSasl(string condition)
    {
        _mechanism = null;
        _state = State.AwaitingAuthentication;
        sink.SendNonza(new Element("failure", Ns.Sasl).Add(condition));
        return CountFailure();
    }

    private NegotiationStep CountFailure() =>
        ++_failures < settings.Limits.AuthenticationAttempts ? NegotiationStep.Read : Fail(StreamConditions.PolicyViolation, "Too many attempts.");

    private static NegotiationStep.Fail Fail(string condition, string? text = null) => new(new StreamError(condition, text));

    // RFC 4505 leaves the name to the server. Unguessable, since whoever knows a guest's address can write to it.
    private static string RandomUser() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));

    // RFC 6120 section 4.7.3: unpredictable.
    private static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(15));
}
