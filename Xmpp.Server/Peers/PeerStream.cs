using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Peers;

/// <summary>
/// One stream with a component or another server, from the connection to its end: reads, writes, closes and keeps its times. What is said in it is its heirs' business.
/// One task reads; whoever has something to send only queues it.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The token source has neither timer nor link, so nothing to give back, and others may cancel it at any time.")]
internal abstract class PeerStream : INonzaSink, IWatchedStream
{
    private readonly PeerWatch _watch;
    private readonly CancellationTokenSource _abort = new();
    private readonly StreamFrame _frame;
    private readonly ConnectionPlace? _place;
    private bool _isFaulted;

    protected PeerStream(TcpXmppConnection connection, PeerContext context, ConnectionPlace? place = null)
    {
        _place = place;
        place?.CutBy(() => Close(StreamConditions.PolicyViolation, "Too many connections from one address have not authenticated."));
        (Connection, Context) = (connection, context);
        Outbound = new OutboundQueue(connection, context.Limits.OutboundBytes, context.Time, OnWriteFailed);
        _frame = new StreamFrame(connection, Outbound);
        _watch = new PeerWatch(context.Limits, context.Time);
    }

    /// <summary>The other side's address.</summary>
    public IPAddress? RemoteAddress => Connection.RemoteAddress;

    /// <summary>Whether the other side began it.</summary>
    public virtual bool IsIncoming => true;

    /// <summary>What is closing or gone takes nothing more.</summary>
    protected bool IsClosing => _frame.IsClosing;

    protected TcpXmppConnection Connection { get; }

    protected PeerContext Context { get; }

    protected OutboundQueue Outbound { get; }

    /// <summary>Cancelled when the connection is cut.</summary>
    protected CancellationToken Cut => _abort.Token;

    /// <summary>Runs the stream to its end. Never throws: what goes wrong ends this stream and no other.</summary>
    public async Task RunAsync()
    {
        try
        {
            // One too many gets its error and no time.
            if (Context.Registry.TryAdd(this) is { } refusal) Fail(refusal);
            else if (await BeginAsync()) await ReadToEndAsync();
        }
        catch (Exception e) when (ConnectionFaults.IsOfTheConnection(e))
        {
            Context.Log.LogDebug(220, "A peer's connection ended: {Reason}", e.Message);
        }
        catch (Exception e)
        {
            Context.Log.LogError(221, e, "A peer's stream failed");
            Close(StreamConditions.InternalServerError);
        }

        await EndAsync();
    }

    /// <summary>Ends the stream with an error.</summary>
    public void Close(string condition, string? text = null) => Fail(new StreamError(condition, text));

    /// <summary>Does what is due at this time.</summary>
    public virtual void LookAt(long now)
    {
        switch (_watch.LookAt(now, Outbound))
        {
            case PeerDue.TimeOut:
                if (IsIncoming) Context.Guards.Log.Tell(MetLimit.Slow, RemoteAddress);
                Close(StreamConditions.ConnectionTimeout);
                break;
            case PeerDue.HangUp:
                _ = _frame.HangUpAsync(Abort, e => ConnectionFailed(e, 224, "A peer's connection could not be closed"));
                break;
            case PeerDue.Cut:
                Abort();
                break;
        }
    }

    public void SendHeader(StreamHeader header) => _frame.Open(header);

    public void SendNonza(Element element) => Outbound.Enqueue(Connection.Format(element));

    /// <summary>Cuts the connection.</summary>
    protected void Abort()
    {
        Outbound.Kill();
        _ = StopReadingAsync();
        Connection.Abort();
    }

    // By another thread: whoever waits would go on inside this call, which the round of all streams makes.
    private async Task StopReadingAsync()
    {
        await _abort.CancelAsync();
        Connection.WakeReader();
    }

    /// <summary>What comes before the first byte is read; false: the stream ends with it.</summary>
    protected virtual ValueTask<bool> BeginAsync() => new(true);

    /// <summary>Takes a stream header.</summary>
    protected abstract ValueTask OpenedAsync(StreamHeader header);

    /// <summary>Takes an element.</summary>
    protected abstract ValueTask ReceiveAsync(Element element);

    /// <summary>Nothing more is read or written: <paramref name="unwritten"/> never left.</summary>
    protected virtual ValueTask EndedAsync(IReadOnlyList<Sessions.Undelivered> unwritten) => ValueTask.CompletedTask;

    /// <summary>What is said when the other side has closed the stream.</summary>
    protected virtual ValueTask<ReadOnlyMemory<byte>[]> LastWordsAsync() => new([]);

    /// <summary>The domain that speaks where no header was sent yet.</summary>
    protected virtual string Self => Context.Settings.Domains[0];

    /// <summary>The stream is authenticated: its time is no longer limited, its stanzas may be large.</summary>
    protected void Ready()
    {
        _watch.Ready();
        if (_place?.TryEstablish() == false) Close(StreamConditions.PolicyViolation, "Too many streams from one address.");
        Connection.Allow(Context.LimitsAfter);
    }

    /// <summary>The stream begins anew.</summary>
    protected void Restart(XmlStreamLimits limits) => _frame.Restart(limits);

    /// <summary>Begins TLS; nothing is written meanwhile but by the handshake.</summary>
    protected async Task EncryptAsync(Func<SslStream, CancellationToken, Task> handshake)
    {
        await Outbound.DrainedAsync();
        // Should something end the stream meanwhile, its last words must not fall into the handshake.
        Outbound.Hold();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_abort.Token);
        using var timer = Context.Time.CreateTimer(_ => limit.Cancel(), null, Context.Limits.HandshakeTime, Timeout.InfiniteTimeSpan);
        try
        {
            await Connection.UpgradeAsync(handshake, limit.Token);
        }
        catch
        {
            // There is no stream to say anything in.
            Outbound.Kill();
            throw;
        }

        Restart(Context.LimitsBefore);
        Outbound.Release();
    }

    protected void Fail(StreamError error)
    {
        Context.Log.LogDebug(222, "A peer's stream ends with {Condition}", error.Condition);
        Finish([Connection.Format(error.ToElement())]);
    }

    /// <summary>Ends the stream with these last words; nothing is written behind them.</summary>
    protected void Finish(ReadOnlyMemory<byte>[] last) => _frame.Close(last, Self, _watch.Closing);

    /// <summary>What cannot be gone on with is ended without being read any further.</summary>
    protected void Spoil() => _isFaulted = true;

    private async Task ReadToEndAsync()
    {
        while (!_isFaulted && await Connection.ReadAsync(_abort.Token) is { } step)
        {
            if (step.Kind == XmlStreamEventKind.StreamClosed)
            {
                Finish(await LastWordsAsync());
                return;
            }

            if (step.Kind == XmlStreamEventKind.Fault)
            {
                _isFaulted = true;
                if (MetLimit.Of(step.Error!) is { } limit) Context.Guards.Log.Tell(limit, RemoteAddress);
                Fail(step.Error!);
            }
            // While the stream closes, only the other side's closing tag counts (RFC 6120 section 4.4).
            else if (!IsClosing)
            {
                if (step.Kind == XmlStreamEventKind.StreamOpened) _place?.Advance(PlaceStage.Opened);
                if (step.Kind == XmlStreamEventKind.StreamOpened) await OpenedAsync(StreamHeader.Read(step.Element!));
                else await ReceiveAsync(step.Element!);
            }
        }

        // What cannot be parsed is read on all the same: closing with bytes unread would reset the connection, and the error be lost with it.
        if (_isFaulted) await Connection.DiscardAsync(_abort.Token);
    }

    private async Task EndAsync()
    {
        Finish([]);
        await _frame.GiveBackAsync(e => ConnectionFailed(e, 226, "A peer's connection could not be given back"));
        try
        {
            await EndedAsync(Outbound.TakeUnwritten());
        }
        catch (Exception e)
        {
            Context.Log.LogError(223, e, "What a peer never had could not be returned");
        }

        Context.Registry.Remove(this);
    }

    // Of the connection's end; anything else is our own fault.
    private void ConnectionFailed(Exception e, int number, string what)
    {
        if (ConnectionFaults.IsOfTheConnection(e)) Context.Log.LogDebug(220, "A peer's connection ended: {Reason}", e.Message);
        else Context.Log.LogError(number, e, "{What}", what);
    }

    private void OnWriteFailed(Exception e)
    {
        if (!ConnectionFaults.IsOfTheConnection(e)) Context.Log.LogError(225, e, "Writing to a peer failed");
        Connection.Abort();
    }
}
