using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;
using Parley.Xmpp.Server.Streams.Management;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>
/// Brings a client stream from its first header to a bound resource (RFC 6120 sections 4 to 7, XEP-0388). Sans-IO: events of the parser in, elements to the sink and a step
/// to do out; whoever drives it does the step and says what came of it.
/// </summary>
internal sealed class StreamNegotiation(XmppServerSettings settings, ScramDecoys decoys, INonzaSink sink, ConnectionSecurity security, IStreamOffers offers, IPAddress? address = null)
{
    // What somebody without an account asks for takes a few requests.
    private const int MostRequests = 20;

    private ConnectionSecurity _security = security;
    private State _state = State.AwaitingHeader;
    private string? _domain;
    private Jid? _claimed;
    private Identity? _identity;
    private SaslExchange? _sasl;
    private SaslMechanism? _mechanism;
    private Sasl2Request? _request; // there while a client authenticates by the second profile
    private IReadOnlyList<ClientToken> _tokens = [];
    private int _failures;
    private Stranger? _stranger;
    private int _requests;

    private enum State
    {
        AwaitingHeader,
        AwaitingAuthentication,
        AwaitingResponse,
        AwaitingBind,
    }

    private bool IsGuestDomain => _domain is not null && settings.ParentOfGuestDomain(_domain) is not null;

    private string Profile => _request is null ? Ns.Sasl : Ns.Sasl2;

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
        _claimed = Jid.TryParse(header.From, out var from) ? from.Bare : null;
        _state = _identity is null ? State.AwaitingAuthentication : State.AwaitingBind;
        if (_identity is null) SendOffers();
        else sink.SendNonza(FeaturesAfter(isBound: false, isManaged: false));
        return NegotiationStep.Read;
    }

    /// <summary>Takes an element.</summary>
    public NegotiationStep Receive(Element element)
    {
        switch (_state)
        {
            case State.AwaitingAuthentication when element.Is("starttls", Ns.Tls) && _security.CanStartTls:
                return new NegotiationStep.StartTls(_domain!);
            case not State.AwaitingHeader when element.Is("starttls", Ns.Tls):
                return new NegotiationStep.RefuseTls();
            case State.AwaitingAuthentication when _stranger is not null && offers.ServesStrangers && element.Is("iq", Ns.Client):
                return Serve(element, _stranger);
            case State.AwaitingAuthentication when element.Is("auth", Ns.Sasl):
                return Authenticate(element["mechanism"], element.Value.Length > 0 ? element : null, null);
            // XEP-0388 section 5: never before TLS.
            case State.AwaitingAuthentication when element.Is("authenticate", Ns.Sasl2) && _security.IsEncrypted:
                var request = Sasl2Request.Read(element);
                return Authenticate(request.Mechanism, request.InitialResponse, request);
            case State.AwaitingResponse when element.Is("response", Profile):
                return SaslExchange.ReadMessage(element) is { } message ? Do(_mechanism!.Receive(message)) : FailSasl(SaslConditions.IncorrectEncoding);
            case State.AwaitingAuthentication or State.AwaitingResponse when element.Is("abort", Profile):
                return FailSasl(SaslConditions.Aborted);
            case State.AwaitingBind when element.Is("iq", Ns.Client) && element["type"] == "set" && element["id"] is { } id && element.Child("bind", Ns.Bind) is { } bind:
                var resource = bind.Child("resource")?.Value;
                return new NegotiationStep.Bind(_identity!, string.IsNullOrEmpty(resource) ? null : resource, id);
            case State.AwaitingBind when element.Is("resume", Ns.StreamManagement):
                return ManagementElements.ReadResume(element) is { } resume ? new NegotiationStep.Resume(_identity!, resume.PreviousId, resume.Handled) : RefuseResumption(StanzaCondition.BadRequest);
            case not State.AwaitingHeader when element.Namespace == Ns.StreamManagement && element.Name is ("enable" or "resume"):
                return RefuseResumption(StanzaCondition.UnexpectedRequest); // XEP-0198 section 3: not yet
            default:
                // RFC 6120 sections 4.9.3.12 and 7.1: no stanza before authentication and binding.
                return Fail(element.Namespace == Ns.Client || _state == State.AwaitingHeader ? StreamConditions.NotAuthorized : StreamConditions.UnsupportedStanzaType);
        }
    }

    /// <summary>TLS has begun: everything known is forgotten and the stream begins anew (RFC 6120 section 5.4.3.3).</summary>
    public void Encrypted(ConnectionSecurity now)
    {
        (_security, _domain, _mechanism, _request, _stranger) = (now, null, null, null, null);
        _state = State.AwaitingHeader;
    }

    /// <summary>Gives the keys that were asked for; null if there is no such account.</summary>
    public NegotiationStep Provide(ScramCredentials? credentials) => Do(_mechanism!.Provide(credentials));

    /// <summary>Gives the tokens that were asked for.</summary>
    public NegotiationStep ProvideTokens(IReadOnlyList<ClientToken> tokens)
    {
        _tokens = tokens;
        return Do(((HtMechanism)_mechanism!).Provide([.. tokens.Select(t => t.Token)]));
    }

    /// <summary>Goes on after <see cref="NegotiationStep.CompleteKeys"/>.</summary>
    public NegotiationStep Succeed(SaslStep.Success success)
    {
        var user = success.UserName ?? RandomUser();
        if (!Jid.TryCreate(user, _domain!, null, out var bare)) return FailSasl(SaslConditions.NotAuthorized);
        // Nobody may act as anybody else here, nor (XEP-0388 section 2.3) as another than its stream said.
        if (success.AuthorizationId is { } asked && (!Jid.TryParse(asked, out var other) || other != bare || (_request is not null && _claimed is not null && _claimed != bare))) return FailSasl(SaslConditions.InvalidAuthzid);
        _identity = new Identity(bare, success.UserName is null ? SenderKind.Guest : SenderKind.Account);
        if (_identity.Kind == SenderKind.Account) offers.LoggedIn(bare, address);
        var token = _mechanism is HtMechanism { Matched: var matched } ? _tokens[matched] : null;
        (_mechanism, _tokens) = (null, []);
        _state = State.AwaitingHeader;
        if (_request is { } request) return new NegotiationStep.Establish(_identity, request, success.Data, token);
        sink.SendNonza(new Element("success", Ns.Sasl).Text(success.Data.IsEmpty ? null : Convert.ToBase64String(success.Data.Span)));
        return new NegotiationStep.Restart();
    }

    /// <summary>What was wanted with the authentication is done; without a resource the client may still bind one. Returns what the stream offers from here on.</summary>
    /// <param name="isBound">Whether there is a resource.</param>
    /// <param name="isManaged">Whether the stream is managed already (XEP-0198).</param>
    public Element Established(bool isBound, bool isManaged)
    {
        _state = State.AwaitingBind;
        return FeaturesAfter(isBound, isManaged);
    }

    /// <summary>Binding failed: the client may ask for another resource (RFC 6120 section 7.7.2).</summary>
    public NegotiationStep Refuse(NegotiationStep.Bind asked, StanzaCondition condition)
    {
        sink.SendNonza(new Element("iq", Ns.Client).Attr("type", "error").Attr("id", asked.IqId).Add(new StanzaError(condition).ToElement()));
        return CountFailure();
    }

    /// <summary>There is no such stream to resume, or none any more: the client may bind a resource (XEP-0198 section 5).</summary>
    /// <param name="condition">Why.</param>
    /// <param name="handled">How much the former stream had handled; null if that is not known.</param>
    public NegotiationStep RefuseResumption(StanzaCondition condition, uint? handled = null)
    {
        sink.SendNonza(ManagementElements.Failed(condition, handled));
        return CountFailure();
    }

    /// <summary>Nobody answers that before authentication.</summary>
    public static NegotiationStep Unserved() => Fail(StreamConditions.NotAuthorized);

    private NegotiationStep Serve(Element element, Stranger stranger)
    {
        if (!Stanza.TryRead(element, out var stanza, out _) || stanza is not Iq { IsRequest: true } iq || (iq.To is { } to && (to.Local is not null || to.Domain != _domain))) return Unserved();
        return ++_requests <= MostRequests ? new NegotiationStep.Serve(iq, stranger) : Fail(StreamConditions.PolicyViolation, "Too many requests.");
    }

    private void SendOffers()
    {
        _stranger = IsGuestDomain ? null : new Stranger(_domain!, address, _security.AllowsSasl);
        _sasl = new SaslExchange(_security, IsGuestDomain, _domain!, IsGuestDomain ? [] : offers.HashesOf(_domain!), decoys, offers.OffersTokens);
        IEnumerable<string> own = settings.ClientState.Enabled ? [Ns.ClientState, Ns.StreamManagement] : [Ns.StreamManagement];
        sink.SendNonza(StreamFeatures.BeforeAuthentication(_security, _sasl, IsGuestDomain, IsGuestDomain ? own : offers.BindFeaturesOf(_domain!).Concat(own), settings.Limits)
            .Add(_stranger is null ? [] : offers.OffersFor(_stranger)));
    }

    private Element FeaturesAfter(bool isBound, bool isManaged) => StreamFeatures.AfterAuthentication(
        isBound, isManaged, IsGuestDomain ? [] : offers.RosterFeaturesOf(_domain!), settings.ClientState.Enabled, IsGuestDomain ? [] : offers.CapabilitiesOf(_domain!), settings.Limits);

    private NegotiationStep Authenticate(string? mechanism, Element? initial, Sasl2Request? request)
    {
        _request = request;
        var condition = SaslConditions.InvalidMechanism;
        _mechanism = request?.Fast is not null ? _sasl!.BeginFast(mechanism) : _sasl!.Begin(mechanism, out condition);
        if (_mechanism is null) return FailSasl(condition);
        if (initial is not null && SaslExchange.ReadMessage(initial) is null) return FailSasl(SaslConditions.IncorrectEncoding);
        _state = State.AwaitingResponse;
        if (initial is not null || _mechanism is AnonymousMechanism) return Do(_mechanism.Receive(initial is null ? [] : SaslExchange.ReadMessage(initial)));
        // No initial response: the client's turn is asked for (RFC 4422 section 3.2).
        sink.SendNonza(new Element("challenge", Profile));
        return NegotiationStep.Read;
    }

    private NegotiationStep Do(SaslStep step)
    {
        switch (step)
        {
            case SaslStep.Challenge challenge:
                sink.SendNonza(new Element("challenge", Profile).Text(Convert.ToBase64String(challenge.Data.Span)));
                return NegotiationStep.Read;
            case SaslStep.NeedKeys need:
                var isName = Jid.TryCreate(need.UserName, _domain!, null, out var account);
                // What is no name is tried like one.
                if (!offers.MayLogIn(account ?? Jid.Parse(_domain!), address)) return FailSasl(SaslConditions.TemporaryAuthFailure);
                return isName ? new NegotiationStep.FindKeys(account!, need.Hash) : Provide(null);
            case SaslStep.NeedTokens need:
                // A token belongs to one installation of a client, which has to say which it is (XEP-0484 section 4).
                return _request?.ClientId is { } client && Jid.TryCreate(need.UserName, _domain!, null, out var owner)
                    ? new NegotiationStep.FindTokens(owner, client, _request.Mechanism!)
                    : ProvideTokens([]);
            case SaslStep.Success { Password: not null } success when Jid.TryCreate(success.UserName, _domain!, null, out var proven):
                return new NegotiationStep.CompleteKeys(proven, success);
            case SaslStep.Success success:
                return Succeed(success);
            case SaslStep.Failure failure:
                return FailSasl(failure.Condition);
            default:
                throw new InvalidOperationException($"{step.GetType().Name} is no step of a server.");
        }
    }

    private NegotiationStep FailSasl(string condition)
    {
        sink.SendNonza(new Element("failure", Profile).Add(new Element(condition, Ns.Sasl)));
        (_mechanism, _request, _tokens) = (null, null, []);
        _state = State.AwaitingAuthentication;
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
