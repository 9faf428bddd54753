using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Management;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams;

/// <summary>
/// One client's stream, from the accepted connection to its end: drives <see cref="StreamNegotiation"/>, then hands stanzas to the bound session in order.
/// One task reads; whoever has something to send only queues it.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The token source has neither timer nor link, so nothing to give back, and others may cancel it at any time.")]
internal sealed partial class ClientStream : INonzaSink, IWatchedStream
{
    private readonly IXmppConnection _connection;
    private readonly StreamContext _context;
    private readonly OutboundQueue _outbound;
    private readonly StreamFrame _frame;
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
        _frame = new StreamFrame(connection, _outbound);
        _watch = new StreamWatch(context.Limits, context.Time);
        _negotiation = new StreamNegotiation(context.Settings, context.Decoys, this, connection.Security, context, connection.RemoteAddress);
        // Only those that come too fast are turned away, and this one is here.
        _place = place ?? context.Guards.Clients.TryEnter(connection.RemoteAddress, MakeRoom, isPaced: false)!;
        _place.CutBy(MakeRoom);
    }

    public IPAddress? RemoteAddress => _connection.RemoteAddress;

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
                _ = _frame.HangUpAsync(Abort, e => ConnectionFailed(e, 205, "A client's connection could not be closed"));
                break;
            case StreamDue.Cut:
                Abort();
                break;
        }
    }

    void INonzaSink.SendHeader(StreamHeader header) => _frame.Open(header);

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
            else if (!_frame.IsClosing)
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

    private void Fail(StreamError error)
    {
        _context.Log.LogDebug(202, "A client's stream ends with {Condition}", error.Condition);
        _isFinal |= !_frame.IsClosing;
        Finish([_connection.Format(error.ToElement())]);
    }

    private void Finish(ReadOnlyMemory<byte>[] last) => _frame.Close(last, _context.Settings.Domains[0], _watch.Closing);

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

        await _frame.GiveBackAsync(e => ConnectionFailed(e, 213, "A client's connection could not be given back"));
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

    // Of the connection's end; anything else is our own fault.
    private void ConnectionFailed(Exception e, int number, string what)
    {
        if (ConnectionFaults.IsOfTheConnection(e)) _context.Log.LogDebug(200, "A client's connection ended: {Reason}", e.Message);
        else _context.Log.LogError(number, e, "{What}", what);
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
