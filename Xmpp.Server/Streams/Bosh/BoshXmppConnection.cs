using System.Net;
using System.Threading.Channels;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams.Bosh;

/// <summary>
/// A stream on HTTP requests that are held until there is something to answer (XEP-0124, XEP-0206). A request's payloads are read in the order of their numbers; what is written waits
/// for a request to be answered by, so that it counts as written only once a response has it.
/// </summary>
internal sealed class BoshXmppConnection : IXmppConnection
{
    private const int MostAnswerBytes = 64 * 1024;

    // A network that breaks has a client ask again; so often at once and so often in a second none does.
    private const int RepeatsAtOnce = 30, RepeatsPerSecond = 1;

    private readonly Lock _gate = new();
    private readonly BoshLimits _limits;
    private readonly TimeProvider _time;
    private readonly Action<BoshXmppConnection> _ended;
    private readonly TimeSpan _wait;
    private readonly int _hold;
    private readonly BoshWindow<Held> _window;
    private readonly BoshKeys _keys;
    private readonly Channel<(XmlStreamEvent Step, int Bytes)> _steps = Channel.CreateUnbounded<(XmlStreamEvent, int)>(new UnboundedChannelOptions { SingleReader = true });
    private XmlStreamLimits _stanzas;
    private StreamHeader? _header;
    private TaskCompletionSource? _wanted; // the writer waits for a request
    private string? _condition;
    private bool _hasBegun;
    private bool _isOver;
    private bool _wasEmpty; // neither the last request nor its response said anything
    private int _unread;
    private long _lastRequest;
    private TimeSpan _inactivity; // as the client asked, until its next request
    private bool _isPaused;
    private Budget _repeats;

    /// <summary>Begins a session.</summary>
    /// <param name="sid">Its id.</param>
    /// <param name="request">The request that asks for it.</param>
    /// <param name="address">The client's.</param>
    /// <param name="security">What HTTP protects.</param>
    /// <param name="stanzas">The limits before authentication.</param>
    /// <param name="limits">The session's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ended">Called when it is over.</param>
    public BoshXmppConnection(string sid, BoshRequest request, IPAddress? address, ConnectionSecurity security, XmlStreamLimits stanzas, BoshLimits limits, TimeProvider time, Action<BoshXmppConnection> ended)
    {
        (Sid, RemoteAddress, Security, _stanzas, _limits, _time, _ended) = (sid, address, security, stanzas, limits, time, ended);
        _wait = TimeSpan.FromSeconds(Math.Clamp(request.Number("wait") ?? (int)limits.Wait.TotalSeconds, 0, (int)limits.Wait.TotalSeconds));
        // Either of them alone makes it a polling session (section 12).
        _hold = _wait == TimeSpan.Zero ? 0 : Math.Clamp(request.Number("hold") ?? 1, 0, limits.Hold);
        _window = new BoshWindow<Held>(request.Rid, _hold + 1);
        _keys = new BoshKeys(_hold + 1);
        _lastRequest = time.GetTimestamp();
        _inactivity = limits.Inactivity;
    }

    /// <summary>The session's id.</summary>
    public string Sid { get; }

    public IPAddress? RemoteAddress { get; }

    public ConnectionSecurity Security { get; }

    public long Arrivals { get; private set; }

    public Func<int, ValueTask>? Arriving { get; set; }

    public ReadOnlyMemory<byte> ClosingTag => StreamWriting.ClosingTag;

    public int Taken { get; private set; }

    /// <inheritdoc/>
    public bool IsPaused
    {
        get
        {
            lock (_gate) return _isPaused;
        }
    }

    /// <summary>Takes a request; returns its response, when there is one.</summary>
    public async Task<ReadOnlyMemory<byte>> SubmitAsync(BoshRequest request)
    {
        var held = new Held(request);
        lock (_gate)
        {
            if (_isOver) return BoshResponses.Terminate("item-not-found");
            switch (_window.Receive(request.Rid, held, out var answer, out var former))
            {
                case BoshOrder.Answered or BoshOrder.Repeated when !_keys.IsAgain(request):
                    End("item-not-found");
                    return BoshResponses.Terminate("item-not-found");
                // Section 14.3 has it answered as before, and section 11 the session ended for whoever asks too much.
                case BoshOrder.Answered or BoshOrder.Repeated when RepeatsTooMuch():
                    former?.Response.TrySetResult(BoshResponses.Terminate("policy-violation")); // whose place it took
                    End("policy-violation");
                    return BoshResponses.Terminate("policy-violation");
                case BoshOrder.Answered:
                    return answer;
                case BoshOrder.Outside:
                    End("item-not-found");
                    return BoshResponses.Terminate("item-not-found");
                case BoshOrder.Repeated:
                    // Nobody listens there any more.
                    former!.Response.TrySetResult(BoshResponses.Empty);
                    break;
            }

            while (_window.Next() is { } next)
            {
                if (Refuse(next.Request) is { } condition)
                {
                    End(condition);
                    return BoshResponses.Terminate(condition);
                }

                if (next.Request.IsPause) Pause(next.Request);
                // Its time was over before its turn came: it carries nothing back any more.
                if (next.Response.Task.IsCompleted) _window.Answer(next, BoshResponses.Empty);
            }

            _wanted?.TrySetResult();
            ReleaseSurplus();
        }

        try
        {
            // Until the stream has begun there is always something to say soon.
            return await held.Response.Task.WaitAsync(_wait == TimeSpan.Zero ? _limits.Inactivity : _wait, _time);
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                _window.Answer(held, BoshResponses.Empty);
                // Answered meanwhile, or among those that never got their turn: within the lock, so that nothing is said to a request whose time is over.
                held.Response.TrySetResult(BoshResponses.Empty);
            }

            return await held.Response.Task;
        }
    }

    /// <summary>Ends the session if its client has not been heard of for too long.</summary>
    public void LookAt(long now)
    {
        lock (_gate)
        {
            if (!_isOver && _window.Open == 0 && _time.GetElapsedTime(_lastRequest, now) >= _inactivity) End(null);
        }
    }

    public async ValueTask<XmlStreamEvent?> ReadAsync(CancellationToken ct)
    {
        if (!await _steps.Reader.WaitToReadAsync(ct) || !_steps.Reader.TryRead(out var next)) return null;
        lock (_gate) _unread -= next.Bytes;
        if (Arriving is { } arriving) await arriving(next.Bytes);
        return next.Step;
    }

    // What came before a fault is not answered for any more, and nothing is reset by not reading it.
    public ValueTask DiscardAsync(CancellationToken ct) => ValueTask.CompletedTask;

    public void Restart(XmlStreamLimits limits) => Allow(limits);

    public void Allow(XmlStreamLimits limits)
    {
        lock (_gate) _stanzas = limits;
    }

    /// <summary>The header stands in the first response's attributes.</summary>
    public ReadOnlyMemory<byte> Format(StreamHeader header)
    {
        lock (_gate) _header ??= header;
        return ReadOnlyMemory<byte>.Empty;
    }

    public ReadOnlyMemory<byte> Format(Element nonza)
    {
        if (nonza.Is("error", Ns.Streams)) Volatile.Write(ref _condition, ConditionOf(nonza));
        return StreamWriting.ToUtf8(nonza, isFrame: true);
    }

    public ReadOnlyMemory<byte> Format(Stanza stanza) => StreamWriting.ToFrame(stanza);

    public async ValueTask WriteAsync(List<Outgoing> batch)
    {
        Taken = 0;
        while (Taken < batch.Count)
        {
            var (count, bytes) = (0, 0);
            while (Taken + count < batch.Count && (count == 0 || bytes + batch[Taken + count].Bytes.Length <= MostAnswerBytes)) bytes += batch[Taken + count++].Bytes.Length;
            var payloads = batch.Skip(Taken).Take(count).Select(o => o.Bytes).ToList();
            var isLast = payloads.Remove(StreamWriting.ClosingTag);
            // A header by itself has nothing to wait for.
            if (bytes > 0) await AnswerAsync(payloads, isLast);
            Taken += count;
        }
    }

    public bool HasUnread() => false;

    public Task UpgradeAsync(string domain, CancellationToken ct) => throw new NotSupportedException("TLS is HTTP's business (XEP-0206 section 2).");

    public ValueTask HangUpAsync()
    {
        lock (_gate) End(_condition);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => HangUpAsync();

    public void Abort()
    {
        lock (_gate) End("internal-server-error");
    }

    // The oldest request is answered, in whose response the client looks first.
    private async ValueTask AnswerAsync(List<ReadOnlyMemory<byte>> payloads, bool isLast)
    {
        while (true)
        {
            Task wanted;
            lock (_gate)
            {
                if (_isOver) throw new IOException("The client fetches nothing more.");
                if (_window.Open > 0)
                {
                    _wanted = null;
                    var answer = isLast ? BoshResponses.CarryLast(payloads, _condition) : _hasBegun ? BoshResponses.Carry(payloads) : BoshResponses.Begin(Sid, _header!, _wait, _hold, _limits, payloads);
                    // Who was told something may have something to say to it.
                    (_hasBegun, _wasEmpty) = (true, false);
                    _lastRequest = _time.GetTimestamp();
                    _window.Answer(answer)!.Response.TrySetResult(answer);
                    if (isLast) End(_condition);
                    else ReleaseSurplus();
                    return;
                }

                _wanted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wanted = _wanted.Task;
            }

            await wanted;
        }
    }

    private bool RepeatsTooMuch()
    {
        _repeats.Refill(_time.GetTimestamp(), _time, RepeatsPerSecond);
        _repeats.Spend(1);
        return _repeats.Spent > RepeatsAtOnce;
    }

    // Takes what a request carries; returns why the session ends by it.
    private string? Refuse(BoshRequest request)
    {
        if (!_keys.Accept(request)) return "item-not-found";
        var now = _time.GetTimestamp();
        (_inactivity, _isPaused) = (_limits.Inactivity, false);
        var isEmpty = !request.Payloads.Any() && !request.IsRestart && !request.IsTerminate && !request.IsPause;
        // Section 12: who is answered at once asks again only after a while.
        if (_hold == 0 && isEmpty && _wasEmpty && _time.GetElapsedTime(_lastRequest, now) < _limits.Polling) return "policy-violation";
        (_wasEmpty, _lastRequest) = (isEmpty, now);
        Arrivals++;
        if (_unread + request.Bytes > _limits.UnreadBytes) return "policy-violation";
        // The stream's own elements are qualified by prefixes of the body; each is judged by its own length.
        if (request.Sid is null || request.IsRestart) Add(new XmlStreamEvent(XmlStreamEventKind.StreamOpened, HeaderOf(request)), 0);
        foreach (var payload in request.Payloads)
        {
            var bytes = payload.ToUtf8().Length;
            Add(bytes > _stanzas.StanzaBytes ? new XmlStreamEvent(XmlStreamEventKind.Fault, Error: new StreamError(StreamConditions.PolicyViolation)) : new XmlStreamEvent(XmlStreamEventKind.Element, payload), bytes);
        }

        if (request.IsTerminate) Add(new XmlStreamEvent(XmlStreamEventKind.StreamClosed), 0);
        return null;
    }

    // Section 10: everything held is let go, with nothing in it, and what is written from now on waits for the client's return.
    private void Pause(BoshRequest request)
    {
        // Whoever asks for longer than it was told gets what there is.
        (_inactivity, _isPaused) = (TimeSpan.FromSeconds(Math.Min(request.Number("pause")!.Value, (int)_limits.Pause.TotalSeconds)), true);
        while (_hasBegun && _window.Answer(BoshResponses.Empty) is { } open) open.Response.TrySetResult(BoshResponses.Empty);
    }

    private void Add(XmlStreamEvent step, int bytes)
    {
        _unread += bytes;
        _steps.Writer.TryWrite((step, bytes));
    }

    // Section 11: no more are held than the client wants. Those that the writer waits for are its own.
    private void ReleaseSurplus()
    {
        while (_hasBegun && _wanted is null && _window.Open > _hold) _window.Answer(BoshResponses.Empty)!.Response.TrySetResult(BoshResponses.Empty);
    }

    private void End(string? condition)
    {
        if (_isOver) return;
        _isOver = true;
        var last = BoshResponses.Terminate(condition);
        foreach (var open in _window.TakeAll()) open.Response.TrySetResult(last);
        _steps.Writer.TryComplete();
        _wanted?.TrySetResult();
        _ended(this);
    }

    private static Element HeaderOf(BoshRequest request) => new Element("open", Ns.Framing)
        .Attr("to", request.Body["to"]).Attr("from", request.Body["from"]).Attr("version", request.Version ?? (request.IsRestart ? "1.0" : null));

    // XEP-0124 section 17.2: what the connection manager has words for itself; the rest is the stream's error, which goes along.
    private static string ConditionOf(Element error) => error.Children.First().Name switch
    {
        StreamConditions.HostUnknown => "host-unknown",
        StreamConditions.SystemShutdown => "system-shutdown",
        _ => "remote-stream-error",
    };

    private sealed record Held(BoshRequest Request)
    {
        public TaskCompletionSource<ReadOnlyMemory<byte>> Response { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
