using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Federation.Negotiation;
using Parley.Xmpp.Server.Peers;
using Parley.Xmpp.Server.Security;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Management;

namespace Parley.Xmpp.Server.Federation.Outgoing;

/// <summary>A stream that we began: stanzas go by it, or one question of dialback, and only acknowledgements and answers come back.</summary>
internal sealed class OutgoingServerStream : PeerStream
{
    private readonly (string Local, string Remote) _domains;
    private readonly TrustedRoots _roots;
    private readonly bool _isDirectTls;
    private readonly OutgoingRoute? _route;
    private readonly OutgoingNegotiation _negotiation;
    private readonly PeerCertificate _certificate = new();
    private bool _isReady;

    public OutgoingServerStream(
        TcpXmppConnection connection, PeerContext context, IFederationRules rules, TrustedRoots roots, (string Local, string Remote) domains, bool isDirectTls, DialbackQuestion? question, OutgoingRoute? route)
        : base(connection, context)
    {
        (_domains, _roots, _isDirectTls, _route) = (domains, roots, isDirectTls, route);
        _negotiation = new OutgoingNegotiation(rules, this, domains.Local, domains.Remote, question);
    }

    /// <inheritdoc/>
    public override bool IsIncoming => false;

    /// <summary>Whether stanzas could pass, or the question was answered.</summary>
    public bool IsFulfilled => _isReady || Verdict is not null;

    /// <summary>The answer to the question.</summary>
    public DialbackVerdict? Verdict { get; private set; }

    /// <summary>Why it ended, where one of the two said so.</summary>
    public PeerFailure? Failure { get; private set; }

    protected override string Self => _domains.Local;

    /// <summary>Queues a stanza of the route's.</summary>
    public void Send(RoutedStanza stanza) => Outbound.Enqueue(new Streams.Outgoing(Connection.Format(stanza.Stanza), null, stanza));

    /// <summary>Asks how many stanzas are handled (XEP-0198 section 4).</summary>
    public void Ask() => SendNonza(ManagementElements.Request);

    /// <summary>Ends the stream in order: there is nothing to say.</summary>
    public void Rest() => Finish([]);

    /// <summary>Cuts a stream whose other side says nothing any more.</summary>
    public void GiveUp() => Abort();

    /// <inheritdoc/>
    public override void LookAt(long now)
    {
        base.LookAt(now);
        if (_isReady) _route?.LookAt(this, now);
    }

    protected override async ValueTask<bool> BeginAsync()
    {
        if (_isDirectTls) await EncryptAsync();
        _negotiation.Begin();
        return true;
    }

    protected override ValueTask OpenedAsync(StreamHeader header) => DoAsync(_negotiation.Open(header));

    protected override async ValueTask ReceiveAsync(Element element)
    {
        if (!_isReady)
        {
            await DoAsync(_negotiation.Receive(element));
        }
        else if (element.Is("error", Ns.Streams))
        {
            await DoAsync(new PeerStep.GiveUp(PeerFailure.OfError(element)));
        }
        else if (element.Is("a", Ns.StreamManagement) && _route is not null)
        {
            if (!ManagementElements.TryReadCount(element["h"], out var h)) Close(StreamConditions.BadFormat);
            else if (_route.Acknowledge(this, h) is { } sent) Fail(ManagementElements.TooHigh(h, sent));
        }
        else if (element.Is("r", Ns.StreamManagement))
        {
            SendNonza(ManagementElements.Answer(0)); // nothing comes this way
        }
        else if (element.Namespace != Ns.StreamManagement && element.Namespace != Ns.Dialback)
        {
            Close(PeerStanza.IsOne(element) ? StreamConditions.NotAuthorized : StreamConditions.UnsupportedStanzaType);
        }
    }

    protected override ValueTask EndedAsync(IReadOnlyList<Sessions.Undelivered> unwritten)
    {
        _certificate.Forget();
        return ValueTask.CompletedTask;
    }

    private async ValueTask DoAsync(PeerStep step)
    {
        switch (step)
        {
            case PeerStep.StartTls when Connection.HasUnread():
                // Whoever can add bytes to the stream before TLS must not have them taken for the other server's behind it (RFC 6120 section 5.3.4).
                Failure = new PeerFailure("bytes came before TLS", false);
                Spoil();
                Finish([]);
                break;
            case PeerStep.StartTls:
                await EncryptAsync();
                _negotiation.SendHeader();
                break;
            case PeerStep.Restart:
                Restart(Context.LimitsBefore);
                _negotiation.SendHeader();
                break;
            case PeerStep.Ready ready:
                Ready();
                _isReady = true;
                _route?.Attach(this, ready.Managed);
                break;
            case PeerStep.Answered answered:
                Verdict = answered.Verdict;
                Finish([]);
                break;
            case PeerStep.Fail fail:
                Failure = fail.Failure;
                Fail(fail.Error);
                break;
            case PeerStep.GiveUp giveUp:
                Failure = giveUp.Failure;
                Finish([]);
                break;
        }
    }

    [SuppressMessage("Security", "CA5359", Justification = "Whom the certificate speaks for is judged behind the handshake, for the domain that is claimed; without it dialback decides.")]
    private async Task EncryptAsync()
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = CertificateNames.Ascii(_domains.Remote),
            ClientCertificateContext = Context.Certificates.ContextFor(_domains.Local),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = _isDirectTls ? [FederationContext.Protocol] : null,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = PeerCertificate.HandshakePolicy,
            RemoteCertificateValidationCallback = _certificate.Keep,
            AllowRenegotiation = false,
            AllowTlsResume = false, // a resumed session shows the certificate without its chain
        };
        try
        {
            await EncryptAsync((SslStream tls, CancellationToken ct) => tls.AuthenticateAsClientAsync(options, ct));
        }
        catch (AuthenticationException e)
        {
            Failure = new PeerFailure($"TLS failed ({e.Message})", false);
            throw;
        }

        _negotiation.Encrypted(_certificate.Proves(_domains.Remote, _roots));
    }
}
