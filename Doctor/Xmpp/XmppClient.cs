using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Parley.Doctor.Network;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Doctor.Xmpp;

/// <summary>A client that is logged in: asks, and keeps what it is asked about calls for whoever made the call.</summary>
internal sealed class XmppClient : IAsyncDisposable
{
    // More than a call of two says; beyond that the server is flooding us.
    private const int MaxWaiting = 256;

    private readonly ClientStream _stream;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Iq>> _asked = new();
    private readonly Channel<Iq> _jingle = Channel.CreateBounded<Iq>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private volatile ReachException? _ended;
    private int _lastId;

    private XmppClient(ClientStream stream, Jid address)
    {
        (_stream, Address) = (stream, address);
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>The full address.</summary>
    public Jid Address { get; }

    /// <summary>The next Jingle request of others, which is to be answered.</summary>
    /// <exception cref="ReachException">The stream ended.</exception>
    public async Task<Iq> ReadJingleAsync(CancellationToken ct)
    {
        try
        {
            return await _jingle.Reader.ReadAsync(ct);
        }
        catch (ChannelClosedException e)
        {
            throw _ended ?? new ReachException("the stream was closed", e);
        }
    }

    /// <summary>Logs in over a connection.</summary>
    /// <exception cref="ReachException">It does not work.</exception>
    public static async Task<XmppClient> LoginAsync(Stream carrier, Login login, TlsLook.Trust trust, CancellationToken ct)
    {
        var (stream, address) = await LoginSteps.RunAsync(carrier, login, trust, ct);
        return Jid.TryParse(address, out var jid) ? new XmppClient(stream, jid) : throw new ReachException($"the server bound {address}, which is no address");
    }

    /// <summary>Asks, and waits for the answer, which may be an error.</summary>
    public async Task<Iq> AskAsync(string type, Jid to, Element payload, CancellationToken ct)
    {
        var id = "d" + Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);
        var answer = _asked[id] = new TaskCompletionSource<Iq>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            // Who asks after the end is told by nobody else: the reader has told those who waited then.
            if (_ended is { } fault) throw fault;
            await SendAsync(Iq.Request(type, id, null, to, payload), ct);
            return await answer.Task.WaitAsync(ct);
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    /// <summary>Sends a stanza.</summary>
    public async Task SendAsync(Stanza stanza, CancellationToken ct)
    {
        await _writing.WaitAsync(ct);
        try
        {
            await _stream.WriteAsync(stanza.Element, ct);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        await _stream.DisposeAsync();
        _stop.Dispose();
        _writing.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true) await TakeAsync(await _stream.ReadAsync(_stop.Token));
        }
        catch (Exception e) when (e is ReachException or OperationCanceledException)
        {
            // Whoever waits for an answer learns why none comes.
            var fault = _ended = e as ReachException ?? new ReachException("the stream was closed");
            foreach (var waiting in _asked.Values) waiting.TrySetException(fault);
            _jingle.Writer.TryComplete(fault);
        }
    }

    private async Task TakeAsync(Element element)
    {
        if (!Stanza.TryRead(element, out var stanza, out _) || stanza is not Iq iq) return;
        if (!iq.IsRequest)
        {
            if (_asked.TryGetValue(iq.Id!, out var waiting)) waiting.TrySetResult(iq);
        }
        else if (iq.Type == "set" && iq.Payload!.Is("jingle", Ns.Jingle)) _jingle.Writer.TryWrite(iq);
        // The state of the conference (RFC 4575), which is nothing to a call of our own two.
        else if (iq.Payload!.Namespace == Ns.ConferenceInfo) await SendAsync(iq.Result(), _stop.Token);
        else await SendAsync(iq.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable)), _stop.Token);
    }
}
