using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Management;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams;

/// <summary>
/// One client's stream, from the accepted connection to its end: drives <see cref="StreamNegotiation"/>, then hands stanzas to the bound session in order.
/// One task reads; whoever has something to send only queues it.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The token source has neither timer nor link, so nothing to give back, and others may cancel it at any time.")]
internal sealed partial class ClientStream : INonzaSink
{
    private readonly IXmppConnection _connection;
    private readonly StreamContext _context;
    private readonly OutboundQueue _outbound;
    private readonly StreamWatch _watch;
    private readonly ConnectionPlace _place;
    private readonly CancellationTokenSource _abort = new();
    private readonly Lock _gate = new();
    private StreamNegotiation? _negotiation; // until it is done
    private TaskCompletionSource? _readToEnd;
    private IBoundSession? _session;
    private SessionStream? _stream;
    private SendingPace _pace;
    private PaceShare? _share; // whose pace it is, once that is known
    private Func<CancellationToken, ValueTask<bool>>? _isStillProven; // whether what the client proved to know still counts; null for a guest
    private TimeSpan _mostResumption;
    private bool _hasHeader;
    private bool _isClosing;
    private bool _isFaulted;
    private bool _isReadToEnd;
    private volatile bool _isFinal; // one side has said that the session ends with this

    /// <summary>Begins one.</summary>
    /// <param name="connection">Its carrier.</param>
    /// <param name="context">What all share.</param>
    /// <param name="place">The connection's place among those of its address; null: it takes one itself.</param>
    public ClientStream(IXmppConnection connection, StreamContext context, ConnectionPlace? place = null)
    {
        (_connection, _context) = (connection, context);
        (_pace, connection.Arriving) = (context.Guards.Paces.New(), ArrivedAsync);
        _outbound = new OutboundQueue(connection, context.Limits.OutboundBytes, context.Time, OnWriteFailed);
        _watch = new StreamWatch(context.Limits, context.Time);
        _negotiation = new StreamNegotiation(context.Settings, context.Decoys, this, connection.Security, context, connection.RemoteAddress);
        // Only those that come too fast are turned away, and this one is here.
        _place = place ?? context.Guards.Clients.TryEnter(connection.RemoteAddress, MakeRoom, isPaced: false)!;
        _place.CutBy(MakeRoom);
    }

    public IPAddress? RemoteAddress => _connection.RemoteAddress;

    /// <summary>The account's last change when what the client proved to know was read.</summary>
    public long ProvenChange { get; private set; }

    private StreamNegotiation Negotiation => _negotiation ?? throw new InvalidOperationException("The negotiation is over.");

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
        catch (Exception e) when (ConnectionFaults.IsOfTheConnection(e))
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

    /// <summary>Queues a stanza; waits while the queue is full.</summary>
    public ValueTask<Enqueued> SendAsync(Stanza stanza, Delivery? delivery, CancellationToken ct) =>
        _outbound.EnqueueAsync(new Outgoing(_connection.Format(stanza), stanza, delivery, _context.Time.GetUtcNow().UtcTicks), ct);

    /// <summary>Queues a stanza that the log keeps until it is acknowledged.</summary>
    public void SendKept(Stanza stanza) => _outbound.Enqueue(_connection.Format(stanza), isKept: true);

    /// <summary>Queues a stanza that has waited long enough, beyond the bound if need be; what cannot be written any more is given back as others are.</summary>
    public void SendHeld(Undelivered held) => _outbound.EnqueueHeld(new Outgoing(_connection.Format(held.Stanza), held.Stanza, held.Delivery, held.Since.UtcTicks));

    /// <summary>Stanzas come by way of a log from here on, behind <paramref name="first"/>.</summary>
    /// <param name="first">What tells the client; none where that is told otherwise.</param>
    /// <param name="kept">What the log holds already, sent behind that.</param>
    /// <param name="word">What else to say behind what is written together, told whether nothing waits; null for nothing more.</param>
    public void Manage(IReadOnlyList<Element> first, IEnumerable<Stanza> kept, Func<bool, Element?> word) =>
        _outbound.Manage(first.Select(_connection.Format), kept.Select(_connection.Format), isIdle => word(isIdle) is { } element ? _connection.Format(element) : default);

    /// <summary>Lets the writer ask for such a word.</summary>
    public void Nudge() => _outbound.Nudge();

    /// <summary>Ends the stream with an error, and its session with it.</summary>
    public void Close(string condition, string? text = null) => Fail(new StreamError(condition, text));

    /// <summary>The client goes on by another connection (XEP-0198 section 5): this one takes nothing more when this completes.</summary>
    public Task YieldAsync()
    {
        Finish([_connection.Format(new StreamError(StreamConditions.Conflict, "The stream was resumed by another connection.").ToElement())]);
        StopReading();
        lock (_gate) return _isReadToEnd ? Task.CompletedTask : (_readToEnd ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Cuts the connection.</summary>
    public void Abort()
    {
        _outbound.Kill();
        StopReading();
        _connection.Abort();
    }

    /// <summary>Does what is due at this time.</summary>
    public void LookAt(long now)
    {
        switch (_watch.LookAt(now, _connection.Arrivals, _outbound, _stream, _connection.IsPaused))
        {
            case StreamDue.Ping when _stream is { IsManaged: true } stream:
                stream.Ask();
                break;
            case StreamDue.Doubt:
                _stream?.Doubt();
                break;
            case StreamDue.TimeOut when _stream is { ResumptionId: not null }:
                Abort(); // it may come back
                break;
            case StreamDue.Ping when _session is { } session:
                SendNonza(StreamPing.Request(session.Jid));
                break;
            case StreamDue.TimeOut:
                if (_session is null) _context.Guards.Log.Tell(MetLimit.Slow, RemoteAddress);
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

    public void SendNonza(Element element)
    {
        if (!_outbound.Enqueue(_connection.Format(element)) || _outbound.Bytes <= 2 * _context.Limits.OutboundBytes) return;
        // Whoever asks without reading the answers gets no more of them.
        _context.Guards.Log.Tell(MetLimit.Unread, Whom);
        Abort();
    }

    private async Task ReadToEndAsync()
    {
        while (!_isFaulted && await _connection.ReadAsync(_abort.Token) is { } step)
        {
            if (step.Kind == XmlStreamEventKind.StreamClosed)
            {
                _isFinal = true;
                // So that the client need not guess what became of its last words (XEP-0198 section 4); those are handled to the end.
                if (_stream is not { IsManaged: true } stream) return;
                await stream.SettleAsync(_abort.Token);
                Finish([_connection.Format(ManagementElements.Answer(stream.Handled.Vouch()))]);
                return;
            }

            if (step.Kind == XmlStreamEventKind.Fault)
            {
                _isFaulted = true;
                // What is read now only so that the error arrives is nobody's to wait for.
                _pace = _context.Guards.Paces.New();
                if (MetLimit.Of(step.Error!) is { } limit) _context.Guards.Log.Tell(limit, Whom);
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
            if (step.Kind == XmlStreamEventKind.StreamOpened) _place.Advance(PlaceStage.Opened);
            else if (step.Element!.Namespace is Ns.Sasl or Ns.Sasl2) _place.Advance(PlaceStage.Authenticating);
            var next = step.Kind == XmlStreamEventKind.StreamOpened ? Negotiation.Open(StreamHeader.Read(step.Element!)) : Negotiation.Receive(step.Element!);
            await DoAsync(next);
            if (_session is not null) _negotiation = null;
            return;
        }

        if (_pace.Sent() is { Ticks: > 0 } wait) await SlowDownAsync(wait);
        if (step.Kind == XmlStreamEventKind.StreamOpened)
        {
            Close(StreamConditions.BadFormat);
        }
        else if (step.Element!.Namespace == Ns.StreamManagement)
        {
            if (ManagementCommands.Do(step.Element, _stream!, this, _mostResumption) is { } error) Fail(error);
        }
        else if (step.Element.Namespace == Ns.ClientState && _context.Settings.ClientState.Enabled)
        {
            if (step.Element.Name is "active" or "inactive") _stream!.SetActive(step.Element.Name == "active");
            else Close(StreamConditions.UnsupportedStanzaType);
        }
        else if (step.Element.Is("starttls", Ns.Tls))
        {
            RefuseTls();
        }
        else if (step.Element.Namespace != Ns.Client)
        {
            Close(StreamConditions.UnsupportedStanzaType);
        }
        else if (_stream!.IsManaged)
        {
            await ReceiveCountedAsync(_stream, step.Element);
        }
        else if (StreamPing.IsAnswer(step.Element))
        {
            // It has done its work by arriving.
        }
        else if (LegacySession.Answer(step.Element) is { } answer)
        {
            // By the bounded way: whoever asks without reading waits.
            await _stream.SendAsync(new Iq(answer), null, _abort.Token);
        }
        else if (await _session.ReceiveAsync(step.Element, null, _abort.Token) is { } condition)
        {
            Close(condition);
        }
    }

    // Every stanza counts on a managed stream, and what becomes of it is told.
    private async ValueTask ReceiveCountedAsync(SessionStream stream, Element stanza)
    {
        var number = stream.Handled.Next;
        if (LegacySession.Answer(stanza) is { } answer)
        {
            await stream.SendAsync(new Iq(answer), null, _abort.Token);
            stream.Handled.Taken();
            stream.HasHandled(number);
        }
        else if (await _session!.ReceiveAsync(stanza, () => stream.HasHandled(number), _abort.Token) is { } condition) Close(condition);
        else stream.Handled.Taken();
    }

    private async ValueTask DoAsync(NegotiationStep step)
    {
        while (true)
        {
            // From here on it counts among those that have logged in.
            if (step is NegotiationStep.Bind or NegotiationStep.Resume or NegotiationStep.Establish && !_place.TryEstablish()) step = TooManyStreams;
            switch (step)
            {
                case NegotiationStep.ReadOn:
                    return;
                case NegotiationStep.Fail fail:
                    Fail(fail.Error);
                    return;
                case NegotiationStep.StartTls start:
                    await StartTlsAsync(start.Domain);
                    return;
                case NegotiationStep.RefuseTls:
                    RefuseTls();
                    return;
                case NegotiationStep.FindKeys find:
                    var keys = await _context.Credentials.FindAsync(find.Account, find.Hash?.Name, _abort.Token);
                    if (keys is not null) (ProvenChange, _isStillProven) = (keys.Change, ct => IsStillKeyAsync(find.Account, keys, ct));
                    step = find.Hash is null ? await ProvideForPasswordAsync(keys) : Negotiation.Provide(keys?.ToCredentials());
                    if (step is NegotiationStep.CompleteKeys complete)
                    {
                        await CompleteKeysAsync(complete, keys!);
                        step = Negotiation.Succeed(complete.Success);
                    }

                    break;
                case NegotiationStep.FindTokens find:
                    step = Negotiation.ProvideTokens(await _context.Tokens!.FindAsync(find.Account, find.ClientId, find.Mechanism, _abort.Token));
                    break;
                case NegotiationStep.Establish establish:
                    step = await EstablishAsync(establish);
                    break;
                case NegotiationStep.Restart:
                    Restart(new XmlStreamLimits { StanzaBytes = _context.Limits.StanzaBytes });
                    return;
                case NegotiationStep.Serve serve:
                    if (await _context.ServeAsync(serve.Iq, serve.Stranger, _abort.Token) is { } answer)
                    {
                        SendNonza(answer.Element);
                        return;
                    }

                    step = StreamNegotiation.Unserved();
                    break;
                case NegotiationStep.Bind bind:
                    step = await BindAsync(bind);
                    break;
                case NegotiationStep.Resume resume:
                    step = await ResumeAsync(resume);
                    break;
                default:
                    throw new InvalidOperationException($"{step.GetType().Name} is no step that can be done.");
            }
        }
    }

    private async ValueTask<NegotiationStep> ProvideForPasswordAsync(ScramKeys? keys)
    {
        await _context.Guards.PasswordChecks.WaitAsync(_abort.Token);
        try
        {
            return Negotiation.Provide(keys?.ToCredentials());
        }
        finally
        {
            _context.Guards.PasswordChecks.Release();
        }
    }

    private async ValueTask CompleteKeysAsync(NegotiationStep.CompleteKeys complete, ScramKeys proof)
    {
        try
        {
            await _context.Credentials.CompleteAsync(complete.Account, complete.Success.Password!, proof, _abort.Token);
        }
        catch (Exception e) when (e is DbException)
        {
            // Such as a full disk. Whoever knows the password comes in all the same, and it is tried again the next time.
            _context.Log.LogWarning(206, e, "An account's missing keys could not be written");
        }
    }

    private async Task StartTlsAsync(string domain)
    {
        // Whoever can add bytes to the stream before TLS must not have them taken for the client's own behind it (RFC 6120 section 5.3.4).
        if (_connection.HasUnread())
        {
            RefuseTls();
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
            await _connection.UpgradeAsync(domain, limit.Token);
        }
        catch
        {
            // There is no stream to say anything in.
            _outbound.Kill();
            throw;
        }

        Restart(LimitsBefore(_context));
        Negotiation.Encrypted(_connection.Security);
        _outbound.Release();
    }

    // RFC 6120 section 5.4.2.2: no error of the stream, and its end. What stands behind the request is not read.
    private void RefuseTls()
    {
        lock (_gate) _isFinal |= !_isClosing;
        _isFaulted = true;
        Finish([_connection.Format(new Element("failure", Ns.Tls))]);
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
        var (isBound, refusal) = await BindAsync(new SessionStream(this, _context), bind.Identity, bind.Resource);
        if (!isBound)
        {
            _outbound.Release();
            return refusal is { } condition ? Negotiation.Refuse(bind, condition) : NoLongerProven;
        }

        var result = new Element("iq", Ns.Client).Attr("type", "result").Attr("id", bind.IqId)
            .Add(new Element("bind", Ns.Bind).Add("jid", j => j.Text(_session!.Jid.ToString())));
        _outbound.Release(_connection.Format(result));
        return NegotiationStep.Read;
    }

    private static NegotiationStep NoLongerProven => new NegotiationStep.Fail(new StreamError(StreamConditions.NotAuthorized));

    // Refused without a condition: what the client proved counts no more, and the stream must end.
    private async ValueTask<(bool IsBound, StanzaCondition? Refusal)> BindAsync(SessionStream stream, Identity identity, string? resource)
    {
        (IBoundSession? Session, StanzaCondition Refusal) bound;
        try
        {
            bound = await _context.Sessions.BindAsync(stream, identity.Bare, identity.Kind, resource, _abort.Token);
        }
        catch
        {
            // It may be known as resumable already; and the error must get out.
            stream.TakeUndelivered();
            _outbound.Release();
            throw;
        }

        var (session, refusal) = bound;
        if (session is null)
        {
            stream.TakeUndelivered();
            return (false, refusal);
        }

        stream.Session = session;
        _mostResumption = MostResumption(identity);
        (_stream, _session) = (stream, session);
        BecomeBound(identity);
        return (await IsStillProvenAsync(), null);
    }

    // A guest is nobody again on another connection, and so cannot come back as who it was.
    private TimeSpan MostResumption(Identity identity) => identity.Kind == SenderKind.Guest ? TimeSpan.Zero : _context.Settings.Sessions.ResumptionTime;

    private async ValueTask<NegotiationStep> ResumeAsync(NegotiationStep.Resume asked)
    {
        var (isResumed, condition, handled, error) = await ResumeAsync(asked.Identity, asked.PreviousId, asked.Handled, static resumed => [resumed]);
        if (error is not null) return new NegotiationStep.Fail(error);
        if (!isResumed) return Negotiation.RefuseResumption(condition, handled);
        return await IsStillProvenAsync() ? NegotiationStep.Read : NoLongerProven;
    }

    private async ValueTask<(bool IsResumed, StanzaCondition Condition, uint? Handled, StreamError? Error)> ResumeAsync(
        Identity identity, string previousId, uint handled, Func<Element, IReadOnlyList<Element>> announce)
    {
        if (_context.Settings.Sessions.ResumptionTime == TimeSpan.Zero) return (false, StanzaCondition.FeatureNotImplemented, null, null);
        var (stream, former) = _context.Resumables.Find(previousId, identity.Bare);
        var (isResumed, sent) = stream is null ? (false, null) : await stream.ResumeAsync(this, handled, announce);
        if (sent is { } most) return (false, default, null, ManagementElements.TooHigh(handled, most));
        if (!isResumed) return (false, StanzaCondition.ItemNotFound, await VouchAsync(stream?.Handled ?? former), null);
        (_stream, _session) = (stream, stream!.Session);
        BecomeBound(identity);
        return (true, default, null, null);
    }

    // The password may have been changed, or the account removed and made anew, since it was proven; then nobody ended this session, which was none yet. Asked once it is one,
    // so that one of the two notices the other.
    private async ValueTask<bool> IsStillProvenAsync()
    {
        var ask = _isStillProven;
        _isStillProven = null;
        return ask is null || await ask(_abort.Token);
    }

    private async ValueTask<bool> IsStillKeyAsync(Jid account, ScramKeys keys, CancellationToken ct) =>
        await _context.Credentials.FindAsync(account, ScramHash.OfKey(keys.StoredKey).Name, ct) is { } now && now.StoredKey.AsSpan().SequenceEqual(keys.StoredKey);

    private void Fail(StreamError error)
    {
        _context.Log.LogDebug(202, "A client's stream ends with {Condition}", error.Condition);
        lock (_gate) _isFinal |= !_isClosing;
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
        var goesOn = _stream?.Detach(this, _isFinal) ?? true;
        lock (_gate)
        {
            _isReadToEnd = true;
            _readToEnd?.TrySetResult();
        }

        try
        {
            if (!goesOn) await _session!.EndAsync();
        }
        catch (Exception e)
        {
            // Whatever the session's end met, the connection must be given back.
            _context.Log.LogError(203, e, "A session did not end well");
        }

        try
        {
            await _outbound.Finished;
            // Cut, a write under way fails; the connection cannot be given back beside it.
            await _outbound.QuietAsync();
            await _connection.DisposeAsync();
        }
        catch (Exception e) when (ConnectionFaults.IsOfTheConnection(e))
        {
            _context.Log.LogDebug(200, "A client's connection ended: {Reason}", e.Message);
        }
        catch (Exception e)
        {
            _context.Log.LogError(213, e, "A client's connection could not be given back");
        }

        try
        {
            if (_session is not null && _outbound.TakeUnwritten() is { Count: > 0 } unwritten) await _session.LoseAsync(unwritten);
        }
        catch (Exception e)
        {
            _context.Log.LogError(214, e, "What a client never had could not be sent elsewhere");
        }

        _share?.Leave();
        _place.Leave();
        _context.Registry.Remove(this);
    }

    private async Task HangUpAsync()
    {
        try
        {
            await _connection.HangUpAsync();
        }
        catch (Exception e) when (ConnectionFaults.IsOfTheConnection(e))
        {
            _context.Log.LogDebug(200, "A client's connection ended: {Reason}", e.Message);
        }
        catch (Exception e)
        {
            _context.Log.LogError(205, e, "A client's connection could not be closed");
            Abort();
        }
    }

    // By others' threads: whoever waits would go on inside this call, which the round of all streams makes.
    private void StopReading() => _ = StopReadingAsync();

    private async Task StopReadingAsync()
    {
        await _abort.CancelAsync();
        _connection.WakeReader();
    }

    private void OnWriteFailed(Exception e)
    {
        if (!ConnectionFaults.IsOfTheConnection(e)) _context.Log.LogError(204, e, "Writing to a client failed");
        _connection.Abort();
    }
}
