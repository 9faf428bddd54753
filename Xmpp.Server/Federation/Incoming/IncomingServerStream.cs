using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Federation.Negotiation;
using Parley.Xmpp.Server.Federation.Outgoing;
using Parley.Xmpp.Server.Peers;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Management;

namespace Parley.Xmpp.Server.Federation.Incoming;

/// <summary>A stream that another server began: stanzas come by it and only acknowledgements go back.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The token source has neither timer nor link, so nothing to give back.")]
internal sealed class IncomingServerStream : PeerStream
{
    private readonly FederationContext _federation;
    private readonly bool _isDirectTls;
    private readonly IncomingNegotiation _negotiation;
    private readonly PeerLanes _lanes;
    private readonly PeerCertificate _certificate = new();
    private readonly Lock _gate = new(); // dialback answers come while elements do
    private readonly CancellationTokenSource _ended = new();
    private SendingPace _pace;
    private PaceShare? _share; // of the first domain that it speaks for
    private HandledCount? _handled;
    private uint _countAsked;

    public IncomingServerStream(TcpXmppConnection connection, PeerContext context, FederationContext federation, bool isDirectTls, ConnectionPlace? place = null) : base(connection, context, place)
    {
        (_federation, _isDirectTls) = (federation, isDirectTls);
        _negotiation = new IncomingNegotiation(federation.Rules, this);
        _lanes = new PeerLanes(context.Limits);
        (_pace, connection.Arriving) = (context.Guards.Paces.New(), bytes => SlowDownAsync(_pace.Arrived(bytes)));
    }

    /// <summary>Whether another server is authenticated on it.</summary>
    public bool IsReady
    {
        get
        {
            lock (_gate) return _negotiation.IsAuthenticated;
        }
    }

    protected override async ValueTask<bool> BeginAsync()
    {
        if (_isDirectTls) await EncryptAsync(null);
        return true;
    }

    protected override ValueTask OpenedAsync(StreamHeader header)
    {
        PeerStep step;
        lock (_gate) step = _negotiation.Open(header);
        return DoAsync(step);
    }

    protected override async ValueTask ReceiveAsync(Element element)
    {
        if (PeerStanza.IsOne(element) && IsReady) await TakeAsync(element);
        else if (element.Namespace == Ns.StreamManagement && IsReady) Manage(element);
        else if (element.Is("error", Ns.Streams)) Finish([]);
        else
        {
            PeerStep step;
            lock (_gate) step = _negotiation.Receive(element);
            await DoAsync(step);
        }

        // Whoever asks without reading the answers gets no more of them.
        if (Outbound.Bytes <= Context.Limits.OutboundBytes) return;
        Context.Guards.Log.Tell(MetLimit.Unread, RemoteAddress);
        Abort();
    }

    protected override async ValueTask<ReadOnlyMemory<byte>[]> LastWordsAsync()
    {
        if (_handled is not { } handled) return [];
        await handled.SettleAsync(Context.Limits.SettleTime, Context.Time, Cut);
        // So that the other side need not guess what became of its last words (XEP-0198 section 4); those are handled to the end.
        return [Connection.Format(ManagementElements.Answer(handled.Vouch()))];
    }

    protected override ValueTask EndedAsync(IReadOnlyList<Sessions.Undelivered> unwritten)
    {
        _share?.Leave();
        _ = _ended.CancelAsync();
        _certificate.Forget();
        return ValueTask.CompletedTask;
    }

    private async ValueTask TakeAsync(Element element)
    {
        var number = _handled?.Next ?? 0;
        if (!PeerStanza.TryFrom(element, out var from) || !Core.Addressing.Jid.TryParse(element["to"], out var to))
        {
            Close(StreamConditions.ImproperAddressing);
            return;
        }

        StreamError? error;
        lock (_gate) error = _negotiation.Judge(from.Domain, to.Domain);
        if (error is not null)
        {
            Fail(error);
            return;
        }

        _share ??= Context.Guards.Paces.JoinServer(from.Domain);
        _pace = _share.Pace;
        await SlowDownAsync(_pace.Sent());
        var (stanza, refusal) = PeerStanza.Read(element);
        if (stanza is Presence large && large.Element.ToUtf8().Length > Context.Limits.PresenceBytes)
        {
            Context.Guards.Log.Tell(MetLimit.Presence, from);
            (stanza, refusal) = (null, large.IsError ? null : large.ErrorReply(new StanzaError(StanzaCondition.PolicyViolation)));
        }

        if (refusal is not null) await Context.Router.RouteAsync(refusal, Cut);
        if (stanza is null || (stanza is Iq { IsRequest: false } answer && Context.Router.TryAnswer(answer)))
        {
            _handled?.Taken();
            HasHandled(number);
            return;
        }

        await _lanes.PostAsync(stanza, () => HandleAsync(stanza, number), Cut);
        _handled?.Taken();
    }

    // Nothing is refused: what is not read waits at the other server, whose TCP tells it so.
    private async ValueTask SlowDownAsync(TimeSpan wait)
    {
        if (wait == TimeSpan.Zero) return;
        Context.Guards.Log.Tell(MetLimit.Pace, _share?.Key ?? (object?)RemoteAddress);
        await Task.Delay(wait, Context.Time, Cut);
    }

    private async ValueTask HandleAsync(Stanza stanza, uint number)
    {
        if (_handled is null)
        {
            await Context.Router.RouteAsync(stanza);
            return;
        }

        var handling = new Sessions.Handling(() => HasHandled(number));
        await Context.Router.RouteAsync(stanza, handling, CancellationToken.None);
        handling.Done();
    }

    private void HasHandled(uint number)
    {
        if (_handled is not { } handled) return;
        handled.Handled(number);
        var asked = Volatile.Read(ref _countAsked);
        // Once: the other side hears of what it asked for, and asks again for the rest.
        if (asked != 0 && unchecked((int)(handled.Value - asked)) >= 0 && Interlocked.CompareExchange(ref _countAsked, 0, asked) == asked) SendNonza(ManagementElements.Answer(handled.Value));
    }

    private void Manage(Element element)
    {
        switch (element.Name)
        {
            case "enable" when _handled is null:
                _handled = new HandledCount();
                SendNonza(ManagementElements.Enabled(null, TimeSpan.Zero));
                break;
            case "enable":
                Close(StreamConditions.PolicyViolation, "The stream is managed already (XEP-0198 section 3).");
                break;
            case "r" when _handled is { } handled:
                var taken = handled.Next - 1;
                if (handled.Value != taken) Volatile.Write(ref _countAsked, taken);
                SendNonza(ManagementElements.Answer(handled.Value));
                break;
            case "a" when _handled is not null:
                break; // nothing was sent that could be acknowledged
            default:
                SendNonza(ManagementElements.Failed(element.Name == "resume" ? StanzaCondition.ItemNotFound : StanzaCondition.UnexpectedRequest));
                break;
        }
    }

    private async ValueTask DoAsync(PeerStep step)
    {
        switch (step)
        {
            case PeerStep.StartTls start:
                // Whoever can add bytes to the stream before TLS must not have them taken for the other server's behind it (RFC 6120 section 5.3.4).
                if (Connection.HasUnread())
                {
                    RefuseTls();
                    return;
                }

                SendNonza(new Element("proceed", Ns.Tls));
                await EncryptAsync(start.Domain);
                break;
            case PeerStep.RefuseTls:
                RefuseTls();
                break;
            case PeerStep.Restart:
                Ready();
                Restart(Context.LimitsAfter);
                break;
            case PeerStep.Ready:
                Ready();
                break;
            case PeerStep.Verify verify:
                _ = VerifyAsync(verify, _negotiation.Id);
                break;
            case PeerStep.Fail fail:
                Fail(fail.Error);
                break;
        }
    }

    // RFC 6120 section 5.4.2.2: no error of the stream, and its end. What stands behind the request is not read.
    private void RefuseTls()
    {
        Spoil();
        Finish([Connection.Format(new Element("failure", Ns.Tls))]);
    }

    private async Task VerifyAsync(PeerStep.Verify asked, string id)
    {
        // As long as somebody waits for the answer, and no longer than they had to say who they are.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cut, _ended.Token);
        await using var timer = Context.Time.CreateTimer(_ => limit.Cancel(), null, Context.Limits.AuthenticationTime, Timeout.InfiniteTimeSpan);
        var verdict = await _federation.Verifier.AskAsync(RemoteAddress, asked.To, asked.From, new DialbackQuestion(id, asked.Key), limit.Token);
        PeerStep step;
        lock (_gate) step = _negotiation.Verified(asked, verdict);
        await DoAsync(step);
    }

    private async Task EncryptAsync(string? domain)
    {
        // Where TLS comes first, SNI says for whom the other server looks (XEP-0368); where a stream came before, its header did.
        await EncryptAsync((SslStream tls, CancellationToken ct) => tls.AuthenticateAsServerAsync((_, hello, _, _) => new(HandshakeOptions(domain ?? hello.ServerName)), null, ct));
        lock (_gate) _negotiation.Encrypted(domain => _certificate.Proves(domain, _federation.Roots));
    }

    [SuppressMessage("Security", "CA5359", Justification = "Whom the certificate speaks for is judged behind the handshake, for the domain that is claimed; without it dialback decides.")]
    private SslServerAuthenticationOptions HandshakeOptions(string domain)
    {
        var options = Context.Certificates.HandshakeOptions(domain, _isDirectTls ? [FederationContext.Protocol] : []);
        options.AllowTlsResume = false; // a resumed session shows the certificate without its chain
        options.ClientCertificateRequired = true; // asked for; whoever has none still comes in
        options.CertificateRevocationCheckMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck;
        options.CertificateChainPolicy = PeerCertificate.HandshakePolicy;
        options.RemoteCertificateValidationCallback = _certificate.Keep;
        return options;
    }
}
