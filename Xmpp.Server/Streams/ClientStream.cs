using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.WebSockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams;

/// <summary>
/// One client's stream, from the accepted connection to its end: drives <see cref="StreamNegotiation"/>, then hands stanzas to the bound session in order.
/// One task reads; whoever has something to send only queues it.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The token source has neither timer nor link, so nothing to give back, and others may cancel it at any time.")]
internal sealed class ClientStream : IClientStream, INonzaSink
{
    private readonly IXmppConnection _connection;
    private readonly StreamContext _context;
    private readonly OutboundQueue _outbound;
    private readonly StreamWatch _watch;
    private readonly StreamNegotiation _negotiation;
    private readonly CancellationTokenSource _abort = new();
    private readonly Lock _gate = new();
    private IBoundSession? _session;
    private (NegotiationStep.FindKeys Asked, ScramKeys Keys)? _proof; // what the client proved to know
    private bool _hasHeader;
    private bool _isClosing;
    private bool _isFaulted;

    public ClientStream(IXmppConnection connection, StreamContext context)
    {
        (_connection, _context) = (connection, context);
        _outbound = new OutboundQueue(connection, context.Limits.OutboundBytes, context.Time, OnWriteFailed);
        _watch = new StreamWatch(context.Limits, context.Time);
        _negotiation = new StreamNegotiation(context.Settings, context.Decoys, this, connection.Security, context.ApprovesAhead);
    }

    public IPAddress? RemoteAddress => _connection.RemoteAddress;

    /// <summary>The limits before authentication.</summary>
    public static XmlStreamLimits LimitsBefore(StreamContext context) => new() { StanzaBytes = context.Limits.UnauthenticatedStanzaBytes };

    /// <summary>Runs the stream to its end. Never throws: what goes wrong ends this stream and no other.</summary>
    public async Task RunAsync()
    {
        try
        {
            // One too many gets its error and no time.
            if (_context.Registry.TryAdd(this) is { } refusal) Fail(refusal);
            else await ReadToEndAsync();
        }
        catch (Exception e) when (IsOfTheConnection(e))
        {
            _context.Log.LogDebug(200, "A client's connection ended: {Reason}", e.Message);
        }
        catch (Exception e)
        {
            // Our own fault, in this or in what the session called: this stream ends by it, the others go on.
            _context.Log.LogError(201, e, "A client's stream failed");
            Close(StreamConditions.InternalServerError);
        }

        await EndAsync();
    }

    public ValueTask<bool> SendAsync(Stanza stanza, CancellationToken ct = default) => _outbound.EnqueueAsync(_connection.Format(stanza), ct);

    public void Close(string condition, string? text = null) => Fail(new StreamError(condition, text));

    /// <summary>Cuts the connection.</summary>
    public void Abort()
    {
        _outbound.Kill();
        // Not here: whoever waits would go on inside this call, which the round of all streams makes.
        _ = _abort.CancelAsync();
        _connection.Abort();
    }

    /// <summary>Does what is due at this time.</summary>
    public void LookAt(long now)
    {
        switch (_watch.LookAt(now, _connection.Arrivals, _outbound))
        {
            case StreamDue.Ping when _session is { } session:
                SendNonza(StreamPing.Request(session.Jid));
                break;
            case StreamDue.TimeOut:
                Close(StreamConditions.ConnectionTimeout);
                break;
            case StreamDue.HangUp:
                _ = HangUpAsync();
                break;
            case StreamDue.Cut:
                Abort();
                break;
        }
    }

    void INonzaSink.SendHeader(StreamHeader header)
    {
        lock (_gate) _hasHeader = true;
        _outbound.Enqueue(_connection.Format(header));
    }

    public void SendNonza(Element element) => _outbound.Enqueue(_connection.Format(element));

    private async Task ReadToEndAsync()
    {
        while (!_isFaulted && await _connection.ReadAsync(_abort.Token) is { } step)
        {
            if (step.Kind == XmlStreamEventKind.StreamClosed) return;
            if (step.Kind == XmlStreamEventKind.Fault)
            {
                _isFaulted = true;
                Fail(step.Error!);
            }
            // While the stream closes, only the other side's closing tag counts (RFC 6120 section 4.4).
            else if (!_isClosing)
            {
                await ReceiveAsync(step);
            }
        }

        // What cannot be parsed is read on all the same: closing with bytes unread would reset the connection, and the error be lost with it.
        if (_isFaulted) await _connection.DiscardAsync(_abort.Token);
    }

    private async ValueTask ReceiveAsync(XmlStreamEvent step)
    {
        if (_session is null)
        {
            var next = step.Kind == XmlStreamEventKind.StreamOpened ? _negotiation.Open(StreamHeader.Read(step.Element!)) : _negotiation.Receive(step.Element!);
            await DoAsync(next);
        }
        else if (step.Kind == XmlStreamEventKind.StreamOpened)
        {
            Close(StreamConditions.BadFormat);
        }
        else if (step.Element!.Namespace != Ns.Client)
        {
            Close(StreamConditions.UnsupportedStanzaType);
        }
        else if (StreamPing.IsAnswer(step.Element))
        {
            // It has done its work by arriving.
        }
        else if (LegacySession.Answer(step.Element) is { } answer)
        {
            // By the bounded way: whoever asks without reading waits.
            await _outbound.EnqueueAsync(_connection.Format(answer), _abort.Token);
        }
        else if (await _session.ReceiveAsync(step.Element, _abort.Token) is { } condition)
        {
            Close(condition);
        }
    }

    private async ValueTask DoAsync(NegotiationStep step)
    {
        while (true)
        {
            switch (step)
            {
                case NegotiationStep.ReadOn:
                    return;
                case NegotiationStep.Fail fail:
                    Fail(fail.Error);
                    return;
                case NegotiationStep.StartTls:
                    await StartTlsAsync();
                    return;
                case NegotiationStep.FindKeys find:
                    var keys = await _context.Credentials.FindAsync(find.Account, find.Hash.Name, _abort.Token);
                    _proof = keys is null ? null : (find, keys);
                    step = _negotiation.Provide(keys is null ? null : new ScramCredentials(keys.Salt, keys.Iterations, keys.StoredKey, keys.ServerKey));
                    break;
                case NegotiationStep.Restart:
                    Restart(new XmlStreamLimits { StanzaBytes = _context.Limits.StanzaBytes });
                    return;
                case NegotiationStep.Bind bind:
                    step = await BindAsync(bind);
                    break;
                default:
                    throw new InvalidOperationException($"{step.GetType().Name} is no step that can be done.");
            }
        }
    }

    private async Task StartTlsAsync()
    {
        // Whoever can add bytes to the stream before TLS must not have them taken for the client's own behind it (RFC 6120 section 5.3.4).
        if (_connection.HasUnread())
        {
            SendNonza(new Element("failure", Ns.Tls));
            _isFaulted = true;
            Finish([]);
            return;
        }

        SendNonza(new Element("proceed", Ns.Tls));
        await _outbound.DrainedAsync();
        // Should something end the stream meanwhile, its last words must not fall into the handshake.
        _outbound.Hold();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_abort.Token);
        using var timer = _context.Time.CreateTimer(_ => limit.Cancel(), null, _context.Limits.HandshakeTime, Timeout.InfiniteTimeSpan);
        try
        {
            await _connection.UpgradeAsync(limit.Token);
        }
        catch
        {
            // There is no stream to say anything in.
            _outbound.Kill();
            throw;
        }

        Restart(LimitsBefore(_context));
        _negotiation.Encrypted(_connection.Security);
        _outbound.Release();
    }

    private void Restart(XmlStreamLimits limits)
    {
        lock (_gate) _hasHeader = false;
        _connection.Restart(limits);
    }

    private async ValueTask<NegotiationStep> BindAsync(NegotiationStep.Bind bind)
    {
        // Others may write to the address as soon as it is bound; the client hears of it first.
        _outbound.Hold();
        var (session, refusal) = await _context.Sessions.BindAsync(this, bind.Identity.Bare, bind.Identity.Kind, bind.Resource, _abort.Token);
        if (session is null)
        {
            _outbound.Release();
            return _negotiation.Refuse(bind, refusal);
        }

        _session = session;
        _watch.Bound();
        if (!await IsStillProvenAsync())
        {
            _outbound.Release();
            return new NegotiationStep.Fail(new StreamError(StreamConditions.NotAuthorized));
        }

        var result = new Element("iq", Ns.Client).Attr("type", "result").Attr("id", bind.IqId)
            .Add(new Element("bind", Ns.Bind).Add("jid", j => j.Text(session.Jid.ToString())));
        _outbound.Release(_connection.Format(result));
        return NegotiationStep.Read;
    }

    // The password may have been changed, or the account removed and made anew, since it was proven; then nobody ended this session, which was none yet. Asked once it is one,
    // so that one of the two notices the other.
    private async ValueTask<bool> IsStillProvenAsync()
    {
        if (_proof is not { } proof) return true; // a guest
        _proof = null;
        return await _context.Credentials.FindAsync(proof.Asked.Account, proof.Asked.Hash.Name, _abort.Token) is { } now && now.StoredKey.AsSpan().SequenceEqual(proof.Keys.StoredKey);
    }

    private void Fail(StreamError error)
    {
        _context.Log.LogDebug(202, "A client's stream ends with {Condition}", error.Condition);
        Finish([_connection.Format(error.ToElement())]);
    }

    private void Finish(ReadOnlyMemory<byte>[] last)
    {
        lock (_gate)
        {
            if (_isClosing) return;
            _isClosing = true;
            // An error stands inside a stream, also one that has not begun (RFC 6120 section 4.9.1.2).
            if (!_hasHeader) last = [_connection.Format(new StreamHeader(_context.Settings.Domains[0], null, null, "1.0")), .. last];
        }

        _watch.Closing();
        _outbound.Close([.. last, _connection.ClosingTag]);
    }

    private async Task EndAsync()
    {
        // Before the session's end, which tells others and may take its time.
        Finish([]);
        try
        {
            if (_session is not null) await _session.EndAsync();
        }
        catch (Exception e)
        {
            // Whatever the session's end met, the connection must be given back.
            _context.Log.LogError(203, e, "A session did not end well");
        }

        try
        {
            await _outbound.Finished;
            await _connection.DisposeAsync();
        }
        catch (Exception e) when (IsOfTheConnection(e))
        {
            _context.Log.LogDebug(200, "A client's connection ended: {Reason}", e.Message);
        }

        _context.Registry.Remove(this);
    }

    private async Task HangUpAsync()
    {
        try
        {
            await _connection.HangUpAsync();
        }
        catch (Exception e) when (IsOfTheConnection(e))
        {
            _context.Log.LogDebug(200, "A client's connection ended: {Reason}", e.Message);
        }
        catch (Exception e)
        {
            _context.Log.LogError(205, e, "A client's connection could not be closed");
            Abort();
        }
    }

    private void OnWriteFailed(Exception e)
    {
        if (!IsOfTheConnection(e)) _context.Log.LogError(204, e, "Writing to a client failed");
        _connection.Abort();
    }

    // What TCP, TLS and WebSocket throw when the other side goes away or breaks their rules.
    private static bool IsOfTheConnection(Exception e) =>
        e is IOException or OperationCanceledException or WebSocketException or AuthenticationException or ObjectDisposedException
            || (e is InvalidOperationException && e.Source == "System.IO.Pipelines");
}
