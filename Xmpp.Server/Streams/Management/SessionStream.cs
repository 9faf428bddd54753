using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Streams.ClientState;

namespace Parley.Xmpp.Server.Streams.Management;

/// <summary>
/// What a session writes to: one connection's stream and, where the client wants its stream managed (XEP-0198), the log of what it has not acknowledged, over however many
/// connections. Between two of them it is detached: others still reach the session, and what is for it gathers in the log.
/// </summary>
internal sealed class SessionStream : IClientStream
{
    private readonly StreamContext _context;
    private readonly Lock _gate = new();
    private readonly ClientDoubt _doubt = new();
    private ClientStream? _carrier;
    private StanzaLog? _log;
    private TaskCompletionSource? _room;
    private long _fullSince;
    private long _detachedAt;
    private long _proven; // the account's last change when the client's proof was read
    private long _askedAt;
    private TimeSpan _max;
    private bool _isFinal;
    private bool _isOver;
    private volatile bool _owesCount;
    private volatile uint _countAsked;
    private HandledCount? _handled;
    private HeldStanzas? _held; // there while the client is inactive

    public SessionStream(ClientStream carrier, StreamContext context)
    {
        (_carrier, _context, _proven) = (carrier, context, carrier.ProvenChange);
        RemoteAddress = carrier.RemoteAddress;
    }

    /// <inheritdoc/>
    public IPAddress? RemoteAddress { get; private set; }

    /// <inheritdoc/>
    public ClientAttention Attention
    {
        get
        {
            lock (_gate) return _carrier is null || _doubt.IsThere ? ClientAttention.Away : _held is null ? ClientAttention.Active : ClientAttention.Inactive;
        }
    }

    /// <summary>The session, once it is bound.</summary>
    public IBoundSession? Session { get; set; }

    /// <summary>By what the stream can be resumed; null: it cannot.</summary>
    public string? ResumptionId { get; private set; }

    /// <summary>Whether the client wanted it managed.</summary>
    public bool IsManaged => _log is not null;

    /// <summary>How many of the client's stanzas are handled since the stream is managed.</summary>
    public HandledCount Handled => _handled ?? throw new InvalidOperationException("The stream is not managed.");

    /// <inheritdoc/>
    public ValueTask<bool> SendAsync(Stanza stanza, Delivery? delivery = null, CancellationToken ct = default)
    {
        ClientStream? carrier;
        lock (_gate) carrier = _isOver || _held is not null || _log is not null ? null : _carrier;
        if (carrier is null) return SendAsync(stanza, delivery, new(Enqueued.Managed), ct);
        // Nothing to note, and nearly always room: it is queued and that is all.
        var queueing = carrier.SendAsync(stanza, delivery, ct);
        return queueing is { IsCompletedSuccessfully: true, Result: Enqueued.Yes } ? new(true) : SendAsync(stanza, delivery, queueing, ct);
    }

    private async ValueTask<bool> SendAsync(Stanza stanza, Delivery? delivery, ValueTask<Enqueued> queueing, CancellationToken ct)
    {
        var first = await queueing;
        if (first != Enqueued.Managed) return first == Enqueued.Yes;
        while (true)
        {
            ClientStream? carrier;
            Task? room = null;
            Delivery? replaced = null;
            var isHeld = false;
            lock (_gate)
            {
                if (_isOver) return false;
                if (_held is { } held)
                {
                    isHeld = !held.IsFull && held.TryHold(stanza, delivery, _context.Time.GetUtcNow(), out replaced);
                    // Something that is urgent, or one too many, takes along what waits: the device is awake then, and the order stays. It goes by the bounded way itself;
                    // while the log is full, all wait for room.
                    if (!isHeld && (_log is null || _log.HasRoom)) SendHeld();
                }

                carrier = _carrier;
                if (!isHeld && _log is { } log)
                {
                    if (log.HasRoom)
                    {
                        log.Add(stanza, _context.Time.GetUtcNow(), delivery);
                        carrier?.SendKept(stanza);
                        return true;
                    }

                    // Whoever is away gets no more; one that reads is given time to acknowledge.
                    if (carrier is null)
                    {
                        End();
                        return false;
                    }

                    if (_room is null) (_room, _fullSince) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), _context.Time.GetTimestamp());
                    room = _room.Task;
                }
            }

            if (isHeld)
            {
                replaced?.Arrived();
                return true;
            }

            if (room is not null)
            {
                await room.WaitAsync(ct);
                continue;
            }

            var queued = await carrier!.SendAsync(stanza, delivery, ct);
            if (queued != Enqueued.Managed) return queued == Enqueued.Yes;
        }
    }

    /// <inheritdoc/>
    public void Close(string condition, string? text = null) => CloseProvenBefore(long.MaxValue, condition, text);

    /// <inheritdoc/>
    public bool CloseProvenBefore(long change, string condition) => CloseProvenBefore(change, condition, null);

    private bool CloseProvenBefore(long change, string condition, string? text)
    {
        ClientStream? carrier;
        lock (_gate)
        {
            if (_proven >= change) return false;
            _isFinal = true;
            carrier = _carrier;
            if (carrier is null)
            {
                End();
                return true;
            }
        }

        carrier.Close(condition, text);
        return true;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Undelivered> TakeUndelivered()
    {
        IReadOnlyList<Undelivered> left;
        lock (_gate)
        {
            (_isOver, _isFinal) = (true, true);
            left = [.. _log?.Take() ?? [], .. _held?.Take() ?? []];
            MakeRoom();
        }

        if (ResumptionId is not null) _context.Resumables.Remove(this);
        return left;
    }

    /// <summary>The client says whether anybody looks at it (XEP-0352 section 4).</summary>
    public void SetActive(bool isActive)
    {
        lock (_gate)
        {
            if (isActive)
            {
                SendHeld();
                _held = null;
                // What came while nobody looked was told of when it came.
                _doubt.NeedsNoTelling(_log);
            }
            else if (!_isOver)
            {
                _held ??= new HeldStanzas(_context.Settings.ClientState);
            }
        }
    }

    /// <summary>From here on the stream is managed; false where it is already.</summary>
    /// <param name="max">For how long it may be resumed at most; zero: not at all.</param>
    public bool Enable(TimeSpan max) => Enable(max, isTold: true, out _);

    /// <summary>The stream is managed from its first stanza on; nobody knows it yet. Returns what tells the client, for the caller to send ahead of everything.</summary>
    /// <param name="max">For how long it may be resumed at most; zero: not at all.</param>
    public Element EnableFromTheBeginning(TimeSpan max) => Enable(max, isTold: false, out var enabled) && enabled is not null ? enabled : throw new InvalidOperationException("The stream has begun.");

    private bool Enable(TimeSpan max, bool isTold, out Element? enabled)
    {
        enabled = null;
        lock (_gate)
        {
            if (_log is not null) return false;
            if (_isOver || _carrier is not { } carrier) return true; // nobody hears it any more
            if (max > TimeSpan.Zero) (ResumptionId, _max) = (Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18)), max);
            _handled = new HandledCount();
            _log = new StanzaLog(_context.Limits.UnacknowledgedStanzas, _context.Limits.OutboundBytes);
            enabled = ManagementElements.Enabled(ResumptionId, max);
            carrier.Manage(isTold ? [enabled] : [], [], Word);
            if (ResumptionId is not null) _context.Resumables.Add(this);
            return true;
        }
    }

    /// <summary>Takes the client's count; false, with how many there were, where it is too high.</summary>
    public bool TryAcknowledge(uint h, out uint sent)
    {
        IReadOnlyList<Delivery> arrived;
        ClientStream? carrier;
        lock (_gate)
        {
            sent = _log!.Sent;
            if (!_log.IsPossible(h)) return false;
            arrived = _log.Acknowledge(h);
            _doubt.End(_log);
            if (_log.HasRoom) MakeRoom();
            carrier = _carrier;
        }

        foreach (var delivery in arrived) delivery.Arrived();
        // What was sent after the question is asked for in its turn.
        carrier?.Nudge();
        return true;
    }

    /// <summary>The client asks for our count: it hears it at once, and again when what it has sent until now is handled.</summary>
    public void TellCount()
    {
        var taken = Handled.Next - 1;
        if (Handled.Value != taken) _countAsked = taken;
        OweCount();
    }

    /// <summary>A stanza of the client's is handled.</summary>
    public void HasHandled(uint number)
    {
        Handled.Handled(number);
        var asked = _countAsked;
        if (asked == 0 || unchecked((int)(Handled.Value - asked)) < 0) return;
        _countAsked = 0;
        OweCount();
    }

    /// <summary>Waits, within bounds, until what the client sent is handled.</summary>
    public ValueTask SettleAsync(CancellationToken ct) => Handled.SettleAsync(_context.Limits.SettleTime, _context.Time, ct);

    /// <summary>Asks the client for a sign of life.</summary>
    public void Ask()
    {
        lock (_gate)
        {
            _log?.MustAsk();
            _carrier?.Nudge();
        }
    }

    /// <summary>Since when the client owes an answer; zero if it owes none.</summary>
    public long AskedSince => _log is { IsAsked: true } ? Volatile.Read(ref _askedAt) : 0;

    /// <summary>Whether nobody should count on the client: it owes an answer for long.</summary>
    public bool IsInDoubt => _doubt.IsThere;

    /// <summary>Nobody counts on the client from now on, until it speaks; who can wake it is told what it may not have.</summary>
    public void Doubt()
    {
        IReadOnlyList<Stanza> unheard;
        lock (_gate)
        {
            if (_doubt.IsThere || _isOver || _carrier is null) return;
            unheard = _doubt.Begin(_log, isInactive: _held is not null);
        }

        Tell(unheard);
    }

    /// <summary>The client has said something.</summary>
    public void Spoke()
    {
        if (!_doubt.IsThere) return;
        lock (_gate) _doubt.End(_log);
    }

    /// <summary>How long senders have been waiting for acknowledgements; zero if none do.</summary>
    public TimeSpan FullFor(long now)
    {
        lock (_gate) return _room is null ? TimeSpan.Zero : _context.Time.GetElapsedTime(_fullSince, now);
    }

    /// <summary>A connection carries the stream no more.</summary>
    /// <returns>Whether the session goes on: it may be resumed, or is already.</returns>
    public bool Detach(ClientStream from, bool isFinal)
    {
        IReadOnlyList<Stanza> unheard;
        lock (_gate)
        {
            if (_carrier != from) return true;
            if (_isOver || _isFinal || isFinal || ResumptionId is null)
            {
                _isFinal = true;
                return false; // what it never had goes elsewhere
            }

            unheard = _doubt.Leave(_log, isInactive: _held is not null);
            (_carrier, _detachedAt) = (null, _context.Time.GetTimestamp());
            // Whoever comes back is active until it says otherwise (XEP-0352 section 5).
            SendHeld();
            _held = null;
            MakeRoom();
            _context.Resumables.Detached(this);
        }

        Tell(unheard);
        return true;
    }

    /// <summary>Another connection of the client wants to go on.</summary>
    /// <param name="by">The connection.</param>
    /// <param name="h">How many stanzas the client has handled.</param>
    /// <param name="announce">Makes what is sent ahead of everything of what tells that the stream is resumed.</param>
    /// <returns>Whether it does; if not, how many stanzas there were where <paramref name="h"/> is more, else null: the session is gone.</returns>
    public async ValueTask<(bool Resumed, uint? Sent)> ResumeAsync(ClientStream by, uint h, Func<Element, IReadOnlyList<Element>> announce)
    {
        IReadOnlyList<Delivery> arrived;
        for (var isSettled = false; ;)
        {
            ClientStream? former;
            lock (_gate)
            {
                if (_isOver || _isFinal) return (false, null);
                former = _carrier;
                if (former is null && isSettled)
                {
                    if (!_log!.IsPossible(h)) return (false, _log.Sent);
                    arrived = _log.Acknowledge(h);
                    List<Delivery> settled = [.. arrived];
                    _log.Renew(left => WithoutStaleCalls(left, settled));
                    arrived = settled;
                    _doubt.NeedsNoTelling(_log);
                    (_carrier, RemoteAddress, _proven) = (by, by.RemoteAddress, Math.Max(_proven, by.ProvenChange));
                    _context.Resumables.Attached(this);
                    by.Manage(announce(ManagementElements.Resumed(ResumptionId!, Handled.Vouch())), _log.Stanzas, Word);
                    break;
                }
            }

            // The client knows better than we whether that one is dead.
            if (former is not null) await former.YieldAsync();
            await SettleAsync(CancellationToken.None);
            isSettled = true;
        }

        foreach (var delivery in arrived) delivery.Arrived();
        Session!.Resumed();
        return (true, null);
    }

    /// <summary>Ends the session if nobody came back in time.</summary>
    public void LookAt(long now)
    {
        lock (_gate)
        {
            if (_carrier is null && _context.Time.GetElapsedTime(_detachedAt, now) >= _max) End();
        }
    }

    private void Tell(IReadOnlyList<Stanza> unheard)
    {
        if (unheard.Count > 0) Session?.FellSilent(unheard);
    }

    // They count as arrived: nobody else is to ring either.
    private IReadOnlyList<Undelivered> WithoutStaleCalls(IReadOnlyList<Undelivered> left, List<Delivery> settled)
    {
        var stale = StaleCalls.Find(Session!.Jid.Bare, [.. left.Select(l => (l.Stanza, l.Since))], _context.Time.GetUtcNow());
        if (stale.Count == 0) return left;
        settled.AddRange(stale.Select(i => left[i].Delivery).OfType<Delivery>());
        return [.. left.Where((_, i) => !stale.Contains(i))];
    }

    // What to say behind what is written. The writer asks inside its own lock, so that nothing here may wait.
    private Element? Word(bool isIdle)
    {
        if (_owesCount)
        {
            _owesCount = false;
            return ManagementElements.Answer(Handled.Value);
        }

        if (!isIdle || !_log!.Ask()) return null;
        Volatile.Write(ref _askedAt, _context.Time.GetTimestamp());
        return ManagementElements.Request;
    }

    private void OweCount()
    {
        lock (_gate)
        {
            _owesCount = true;
            _carrier?.Nudge();
        }
    }

    // Within the bounds of what may wait, beyond those of the log and the queue: what takes it along goes by those.
    private void SendHeld()
    {
        if (_held is not { Count: > 0 } held) return;
        foreach (var one in held.Take())
        {
            if (_log is { } log)
            {
                log.Add(one.Stanza, one.Since, one.Delivery);
                _carrier?.SendKept(one.Stanza);
            }
            else
            {
                _carrier?.SendHeld(one);
            }
        }
    }

    private void MakeRoom()
    {
        _room?.TrySetResult();
        _room = null;
    }

    // Not here: the end asks for the log, and tells others.
    private void End()
    {
        if (_isOver && _isFinal) return;
        _isFinal = true;
        _ = _context.Resumables.EndAsync(Session!);
    }
}
