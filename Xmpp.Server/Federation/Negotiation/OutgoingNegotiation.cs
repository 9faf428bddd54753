using System.Text;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Federation.Negotiation;

/// <summary>What to ask an authoritative server (XEP-0220 section 2.2).</summary>
internal sealed record DialbackQuestion(string StreamId, string Key);

/// <summary>
/// The initiating side of a stream between servers: STARTTLS, SASL EXTERNAL (XEP-0178 section 3), dialback as initiating server (XEP-0220 section 2.1) and stream
/// management (XEP-0198); or a question to an authoritative server. Sans-IO, as <see cref="IncomingNegotiation"/>.
/// </summary>
/// <param name="rules">What we allow.</param>
/// <param name="sink">Where elements go.</param>
/// <param name="local">Our domain.</param>
/// <param name="remote">Theirs.</param>
/// <param name="question">What to ask; null: the stream is for stanzas.</param>
internal sealed class OutgoingNegotiation(IFederationRules rules, INonzaSink sink, string local, string remote, DialbackQuestion? question = null)
{
    private State _state = State.AwaitingHeader;
    private string? _id;
    private bool _isEncrypted;
    private bool _isProven;
    private bool _isAuthenticated;
    private bool _canManage;

    private enum State
    {
        AwaitingHeader,
        AwaitingFeatures,
        AwaitingProceed,
        AwaitingSasl,
        AwaitingResult,
        AwaitingVerify,
        AwaitingEnabled,
        Done,
    }

    /// <summary>Says the first words.</summary>
    public void Begin() => SendHeader();

    /// <summary>TLS has begun.</summary>
    /// <param name="isProven">Whether the certificate that the other side showed speaks for their domain.</param>
    public void Encrypted(bool isProven) => (_isEncrypted, _isProven, _state) = (true, isProven, State.AwaitingHeader);

    /// <summary>Takes a header.</summary>
    public PeerStep Open(StreamHeader header)
    {
        if (_state != State.AwaitingHeader) return Fail(StreamConditions.BadFormat, "a second header");
        if (header.Version is null || !header.Version.StartsWith("1.", StringComparison.Ordinal)) return Fail(StreamConditions.UnsupportedVersion, "the other server speaks no XMPP 1.0");
        (_id, _state) = (header.Id, State.AwaitingFeatures);
        return PeerStep.Read;
    }

    /// <summary>Takes an element.</summary>
    public PeerStep Receive(Element element)
    {
        if (element.Is("error", Ns.Streams)) return new PeerStep.GiveUp(PeerFailure.OfError(element));
        switch (_state)
        {
            case State.AwaitingFeatures when element.Is("features", Ns.Streams):
                return Choose(element);
            case State.AwaitingProceed when element.Is("proceed", Ns.Tls):
                return new PeerStep.StartTls();
            case State.AwaitingProceed when element.Is("failure", Ns.Tls):
                return new PeerStep.GiveUp(new PeerFailure("the other server cannot begin TLS", false));
            case State.AwaitingSasl when element.Is("success", Ns.Sasl):
                (_isAuthenticated, _state) = (true, State.AwaitingHeader);
                return new PeerStep.Restart();
            case State.AwaitingSasl when element.Is("challenge", Ns.Sasl):
                sink.SendNonza(new Element("response", Ns.Sasl).Text(Identity()));
                return PeerStep.Read;
            case State.AwaitingSasl when element.Is("failure", Ns.Sasl):
                return Dialback("the other server does not accept our certificate");
            case State.AwaitingResult when element.Is("result", Ns.Dialback):
                return Result(element);
            case State.AwaitingVerify when element.Is("verify", Ns.Dialback) && element["id"] == question!.StreamId:
                _state = State.Done;
                return new PeerStep.Answered(element["type"] switch { "valid" => DialbackVerdict.Valid, "invalid" => DialbackVerdict.Invalid, _ => DialbackVerdict.Unknown });
            case State.AwaitingEnabled when element.Is("enabled", Ns.StreamManagement):
                return Ready(managed: true);
            case State.AwaitingEnabled when element.Is("failed", Ns.StreamManagement):
                return Ready(managed: false);
            default:
                return Fail(element.Namespace == Ns.Client ? StreamConditions.NotAuthorized : StreamConditions.UnsupportedStanzaType, "something unexpected");
        }
    }

    /// <summary>The restarted stream's first words.</summary>
    public void SendHeader() => sink.SendHeader(new StreamHeader(local, remote, null, "1.0"));

    private PeerStep Choose(Element features)
    {
        if (_isAuthenticated) return Manage(features);
        if (!_isEncrypted)
        {
            if (features.Child("starttls", Ns.Tls) is not null)
            {
                _state = State.AwaitingProceed;
                sink.SendNonza(new Element("starttls", Ns.Tls));
                return PeerStep.Read;
            }

            if (rules.RequiresTls) return Fail(StreamConditions.PolicyViolation, "the other server offers no TLS");
        }

        if (question is not null)
        {
            _state = State.AwaitingVerify;
            sink.SendNonza(DialbackElements.Verify(local, remote, question.StreamId, question.Key));
            return PeerStep.Read;
        }

        if (!_isProven && !rules.AllowsDialback) return Fail(StreamConditions.NotAuthorized, "the other server's certificate does not prove its name");
        _canManage = features.Child("sm", Ns.StreamManagement) is not null;
        if (_isEncrypted && features.Child("mechanisms", Ns.Sasl)?.Children.Any(m => m.Value == "EXTERNAL") == true)
        {
            _state = State.AwaitingSasl;
            // XEP-0178 section 3: the identity is said all the same, since old servers want it.
            sink.SendNonza(new Element("auth", Ns.Sasl).Attr("mechanism", "EXTERNAL").Text(Identity()));
            return PeerStep.Read;
        }

        return Dialback("the other server does not accept our certificate and offers nothing else");
    }

    private PeerStep Dialback(string otherwise)
    {
        if (!rules.AllowsDialback) return new PeerStep.GiveUp(new PeerFailure(otherwise, true));
        if (string.IsNullOrEmpty(_id)) return Fail(StreamConditions.BadFormat, "the other server gave the stream no id");
        _state = State.AwaitingResult;
        sink.SendNonza(DialbackElements.Result(local, remote, rules.Keys.Make(remote, local, _id)));
        return PeerStep.Read;
    }

    private PeerStep Result(Element result)
    {
        if (result["from"] != remote || result["to"] != local) return Fail(StreamConditions.InvalidFrom, "an answer about others");
        if (result["type"] == "valid") return Manage(null);
        // With errors (section 2.4) the other server says what is wrong: mostly that it could not reach us, which may get better.
        var condition = result.Child("error", Ns.Client)?.Children.FirstOrDefault()?.Name;
        var isPassing = condition is "remote-server-timeout" or "remote-connection-failed" or "resource-constraint" or "internal-server-error";
        return new PeerStep.GiveUp(new PeerFailure($"dialback did not succeed ({condition ?? result["type"] ?? "no answer"})", !isPassing));
    }

    private PeerStep Manage(Element? features)
    {
        if (features is not null) _canManage = features.Child("sm", Ns.StreamManagement) is not null;
        if (!_canManage) return Ready(managed: false);
        _state = State.AwaitingEnabled;
        sink.SendNonza(new Element("enable", Ns.StreamManagement));
        return PeerStep.Read;
    }

    private PeerStep.Ready Ready(bool managed)
    {
        _state = State.Done;
        return new PeerStep.Ready(managed);
    }

    private string Identity() => Convert.ToBase64String(Encoding.UTF8.GetBytes(local));

    private static PeerStep.Fail Fail(string condition, string reason) => new(new StreamError(condition), new PeerFailure(reason, true));
}
