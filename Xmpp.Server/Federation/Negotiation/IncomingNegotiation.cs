using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Federation.Negotiation;

/// <summary>
/// The receiving side of a stream between servers: STARTTLS, SASL EXTERNAL (XEP-0178 section 3) and dialback in the roles of receiving and authoritative server (XEP-0220).
/// Sans-IO: events of the parser in, elements to the sink and a step to do out.
/// </summary>
internal sealed class IncomingNegotiation(IFederationRules rules, INonzaSink sink)
{
    /// <summary>Pairs of domains that one stream may carry (XEP-0220 section 2.5); more are refused.</summary>
    public const int MostPairs = 50;

    /// <summary>Authoritative servers that are being asked at once on behalf of one stream.</summary>
    public const int MostAsked = 4;

    private const int MostFailures = 3;

    private readonly HashSet<(string From, string To)> _pairs = [];
    private readonly HashSet<(string From, string To)> _asked = [];
    private Func<string, bool> _proves = _ => false;
    private bool _isEncrypted;
    private bool _isOpen;
    private string? _from;
    private string? _to;
    private string? _external;
    private string? _id;
    private int _failures;

    /// <summary>Whether somebody is authenticated.</summary>
    public bool IsAuthenticated => _external is not null || _pairs.Count > 0;

    /// <summary>The stream's id, which dialback keys are made of.</summary>
    public string Id => _id ?? "";

    /// <summary>Who came, for logs; null where nobody said.</summary>
    public string? Peer => _external ?? _from;

    /// <summary>TLS has begun, and everything known is forgotten (RFC 6120 section 5.4.3.3).</summary>
    /// <param name="proves">Whether the certificate that the other side showed speaks for a domain.</param>
    public void Encrypted(Func<string, bool> proves) => (_isEncrypted, _isOpen, _from, _to, _proves) = (true, false, null, null, proves);

    /// <summary>Takes a header.</summary>
    public PeerStep Open(StreamHeader header)
    {
        if (_isOpen) return Fail(StreamConditions.BadFormat);
        var to = DialbackElements.Domain(header.To);
        var isServed = to is not null && rules.Serves(to);
        _id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(15));
        sink.SendHeader(new StreamHeader(isServed ? to : rules.DefaultDomain, header.From, _id, "1.0"));
        if (header.Version is null || !header.Version.StartsWith("1.", StringComparison.Ordinal)) return Fail(StreamConditions.UnsupportedVersion);
        if (header.To is null || (header.From is not null && DialbackElements.Domain(header.From) is null)) return Fail(StreamConditions.ImproperAddressing);
        if (!isServed) return Fail(StreamConditions.HostUnknown);
        var from = DialbackElements.Domain(header.From);
        if (from is not null && rules.Serves(from)) return Fail(StreamConditions.InvalidFrom);
        if (from is not null && !rules.Admits(from)) return Fail(StreamConditions.PolicyViolation, "This server does not speak with that domain.");
        // Whoever authenticated as one domain is nobody as another.
        if (_external is not null && from is not null && from != _external) return Fail(StreamConditions.InvalidFrom);
        (_from, _to, _isOpen) = (from ?? _external, to, true);
        sink.SendNonza(Features());
        return PeerStep.Read;
    }

    /// <summary>Takes an element that is no stanza.</summary>
    public PeerStep Receive(Element element)
    {
        if (!_isOpen) return Fail(StreamConditions.NotAuthorized);
        // Nor while somebody is asked: what they say belongs to the stream in the clear.
        if (element.Is("starttls", Ns.Tls)) return _isEncrypted || IsAuthenticated || _asked.Count > 0 ? new PeerStep.RefuseTls() : new PeerStep.StartTls(_to);
        if (rules.RequiresTls && !_isEncrypted) return Fail(StreamConditions.PolicyViolation, "TLS comes first.");
        if (element.Is("auth", Ns.Sasl)) return Authenticate(element);
        if (element.Is("abort", Ns.Sasl) && !IsAuthenticated) return FailSasl("aborted");
        if (element.Is("result", Ns.Dialback)) return Result(element);
        if (element.Is("verify", Ns.Dialback)) return Verify(element);
        // RFC 6120 section 4.9.3.12: no stanza before authentication.
        return Fail(element.Namespace == Ns.Client && !IsAuthenticated ? StreamConditions.NotAuthorized : StreamConditions.UnsupportedStanzaType);
    }

    /// <summary>Judges the addresses of a stanza; null: it may pass.</summary>
    public StreamError? Judge(string from, string to)
    {
        if (_external != from && !_pairs.Any(p => p.From == from)) return new StreamError(StreamConditions.InvalidFrom);
        if (!rules.Serves(to)) return new StreamError(StreamConditions.HostUnknown);
        return _external == from || _pairs.Contains((from, to)) ? null : new StreamError(StreamConditions.NotAuthorized, "That pair of domains has not been verified.");
    }

    /// <summary>The authoritative server has spoken.</summary>
    public PeerStep Verified(PeerStep.Verify asked, DialbackVerdict verdict)
    {
        _asked.Remove((asked.From, asked.To));
        if (verdict == DialbackVerdict.Unknown)
        {
            sink.SendNonza(DialbackElements.Error("result", asked.To, asked.From, null, StanzaCondition.RemoteServerTimeout));
            return CountFailure();
        }

        sink.SendNonza(DialbackElements.Result(asked.To, asked.From, verdict == DialbackVerdict.Valid));
        if (verdict == DialbackVerdict.Valid) return Accept(asked.From, asked.To);
        // XEP-0220 section 2.1.2: the stream then ends.
        return Fail(StreamConditions.NotAuthorized);
    }

    private PeerStep.Ready Accept(string from, string to)
    {
        _pairs.Add((from, to));
        return new PeerStep.Ready(false);
    }

    private Element Features()
    {
        var features = new Element("features", Ns.Streams);
        if (!_isEncrypted) features.Add(new Element("starttls", Ns.Tls).Add(rules.RequiresTls ? new Element("required", Ns.Tls) : null));
        if (rules.RequiresTls && !_isEncrypted) return features;
        if (_external is not null) return features.Add(new Element("sm", Ns.StreamManagement));
        var isProven = _from is not null && _proves(_from);
        if (isProven) features.Add(new Element("mechanisms", Ns.Sasl).Add("mechanism", m => m.Text("EXTERNAL")));
        if (isProven || rules.AllowsDialback) features.Add(DialbackElements.Feature).Add(new Element("sm", Ns.StreamManagement));
        return features;
    }

    private PeerStep Authenticate(Element auth)
    {
        if (IsAuthenticated) return Fail(StreamConditions.UnsupportedStanzaType);
        if (!_isEncrypted || auth["mechanism"] != "EXTERNAL") return FailSasl("invalid-mechanism");
        string? asked;
        try
        {
            // XEP-0178 section 3: empty, or the domain of the header.
            asked = auth.Value is "" or "=" ? _from : DialbackElements.Domain(Encoding.UTF8.GetString(Convert.FromBase64String(auth.Value)));
        }
        catch (FormatException)
        {
            return FailSasl(SaslConditions.IncorrectEncoding);
        }

        if (asked is null || (_from is not null && asked != _from)) return FailSasl(SaslConditions.InvalidAuthzid);
        if (!rules.Admits(asked) || !_proves(asked)) return FailSasl(SaslConditions.NotAuthorized);
        (_external, _isOpen) = (asked, false);
        sink.SendNonza(new Element("success", Ns.Sasl));
        return new PeerStep.Restart();
    }

    private PeerStep Result(Element result)
    {
        if (!DialbackElements.TryAddresses(result, out var from, out var to)) return Fail(StreamConditions.ImproperAddressing);
        if (result["type"] is not null) return PeerStep.Read; // an answer to a question that nobody asked here
        if (!rules.Serves(to)) return Refuse(StanzaCondition.ItemNotFound);
        if (rules.Serves(from)) return Fail(StreamConditions.InvalidFrom);
        if (!rules.Admits(from)) return Refuse(StanzaCondition.PolicyViolation);
        if (_pairs.Count + _asked.Count >= MostPairs) return Refuse(StanzaCondition.ResourceConstraint);
        // A certificate says more than a key (XEP-0344 section 2.3).
        if (_isEncrypted && _proves(from))
        {
            sink.SendNonza(DialbackElements.Result(to, from, isValid: true));
            return Accept(from, to);
        }

        if (!rules.AllowsDialback) return Refuse(StanzaCondition.NotAuthorized);
        if (_asked.Count >= MostAsked) return Refuse(StanzaCondition.ResourceConstraint);
        return _asked.Add((from, to)) ? new PeerStep.Verify(from, to, result.Value.Trim()) : Refuse(StanzaCondition.UnexpectedRequest);

        PeerStep Refuse(StanzaCondition condition)
        {
            sink.SendNonza(DialbackElements.Error("result", to, from, null, condition));
            return CountFailure();
        }
    }

    // The authoritative role: whoever asks need not be anybody, and learns no more than they know.
    private PeerStep Verify(Element verify)
    {
        if (!DialbackElements.TryAddresses(verify, out var from, out var to)) return Fail(StreamConditions.ImproperAddressing);
        if (verify["type"] is not null) return PeerStep.Read;
        if (verify["id"] is not { Length: > 0 } id) return Fail(StreamConditions.BadFormat);
        if (rules.Serves(to)) sink.SendNonza(DialbackElements.Verify(to, from, id, rules.Keys.IsRight(verify.Value.Trim(), from, to, id)));
        else sink.SendNonza(DialbackElements.Error("verify", to, from, id, StanzaCondition.ItemNotFound));
        return PeerStep.Read;
    }

    private PeerStep FailSasl(string condition)
    {
        sink.SendNonza(new Element("failure", Ns.Sasl).Add(condition));
        return CountFailure();
    }

    private PeerStep CountFailure() => ++_failures < MostFailures ? PeerStep.Read : Fail(StreamConditions.PolicyViolation, "Too many attempts.");

    private static PeerStep.Fail Fail(string condition, string? text = null) => new(new StreamError(condition, text), new PeerFailure(condition, true));
}
