using System.Net;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Routing;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>A bound resource: what plugins see of it (<see cref="ISession"/>) and what its stream does with it (<see cref="IBoundSession"/>).</summary>
internal sealed class Session : ISession, IBoundSession
{
    private readonly IClientStream _stream;
    private readonly SessionServices _services;
    private readonly SerialQueue _inbox;
    private DirectedPresences? _directed; // where it has told somebody
    private volatile Presence? _presence;
    private volatile Presence? _said;
    private bool _isRenewing;
    private volatile bool _isInterested;
    private volatile bool _isOver;
    private volatile SenderInfo _sender;
    private TaskCompletionSource? _ended; // there once it ends

    public Session(Jid jid, string id, SenderKind kind, IClientStream stream, SessionServices services)
    {
        (Jid, Id, Kind, _stream, _services) = (jid, id, kind, stream, services);
        _sender = new SenderInfo(kind, id, RemoteAddress);
        _inbox = new SerialQueue(services.Limits.PendingPerSender, services.Limits.PendingBytesPerSender);
    }

    /// <inheritdoc cref="ISession.Jid"/>
    public Jid Jid { get; }

    public string Id { get; }

    public SenderKind Kind { get; }

    public IPAddress? RemoteAddress => _stream.RemoteAddress;

    /// <summary>What handlers are told of this session as a sender.</summary>
    public SenderInfo Sender => _sender;

    /// <summary>Who was told by directed presence.</summary>
    public DirectedPresences Directed => _directed ?? Interlocked.CompareExchange(ref _directed, new DirectedPresences(_services.Limits.DirectedPresences), null) ?? _directed;

    /// <summary>Its messages that wait to go on; null where there were none yet.</summary>
    public MessagesUnderWay? UnderWay { get; set; }

    public Presence? Presence => _presence;

    public bool IsAvailable => !_isOver && _presence is { IsAvailable: true };

    public ClientAttention Attention => _stream.Attention;

    /// <summary>Whether its client acknowledges what it gets (XEP-0198).</summary>
    public bool IsManaged => _stream.IsManaged;

    public bool IsInterested
    {
        get => _isInterested;
        set => _isInterested = value;
    }

    public async ValueTask SendAsync(Stanza stanza, CancellationToken ct = default) => await _services.Flow.SendAsync(this, stanza, null, ct);

    public async ValueTask<Task<bool>> DeliverAsync(Stanza stanza, CancellationToken ct = default)
    {
        var delivery = new AwaitedDelivery();
        return await _services.Flow.SendAsync(this, stanza, delivery, ct) ? delivery.Outcome : Task.FromResult(false);
    }

    public ValueTask SendCopyAsync(Stanza copy, Stanza original, CancellationToken ct = default) => _services.Flow.SendCopyAsync(this, copy, original, ct);

    public ValueTask<string?> ReceiveAsync(Element stanza, Action? handled, CancellationToken ct)
    {
        var (read, streamError, refusal) = InboundStanza.Read(stanza, Jid);
        if (streamError is not null) return new(streamError);
        if (read is Presence presence && presence.Element.ToUtf8().Length > _services.Limits.PresenceBytes)
        {
            _services.LimitLog.Tell(MetLimit.Presence, Jid.Bare);
            (read, refusal) = (null, presence.IsError ? null : presence.ErrorReply(new StanzaError(StanzaCondition.PolicyViolation)).WithAddresses(to: Jid));
        }

        if (read is null or Iq || refusal is not null) return ReceiveAsync(read, refusal, handled, ct);
        var posting = PostAsync(read, handled, ct);
        return posting.IsCompletedSuccessfully ? new((string?)null) : PostedAsync(posting);
    }

    private static async ValueTask<string?> PostedAsync(ValueTask<bool> posting)
    {
        await posting;
        return null;
    }

    private ValueTask<bool> PostAsync(Stanza read, Action? handled, CancellationToken ct) =>
        _inbox.PostAsync((Self: this, read, handled), static w => w.Self.HandleAsync(w.read, w.handled), static w => w.read.Element.ToUtf8().Length, ct);

    private async ValueTask<string?> ReceiveAsync(Stanza? read, Stanza? refusal, Action? handled, CancellationToken ct)
    {
        if (refusal is not null) await WriteAsync(refusal, null, ct);
        // An answer may be what this session's own handler waits for, so it does not queue behind that handler.
        if (read is Iq { IsRequest: false } answer && _services.Flow.TryAnswer(answer))
        {
            handled?.Invoke();
            return null;
        }

        if (read is null)
        {
            // In its turn too, so that nothing has to be remembered out of turn.
            if (handled is not null) await _inbox.PostAsync(handled, static h => { h(); return ValueTask.CompletedTask; }, static _ => 0, ct);
            return null;
        }

        await PostAsync(read, handled, ct);
        return null;
    }

    public void Resumed() => _sender = _sender with { RemoteAddress = RemoteAddress };

    public void FellSilent(IReadOnlyList<Stanza> unheard) => _services.Flow.FellSilent(this, unheard);

    public ValueTask LoseAsync(IReadOnlyList<Undelivered> all) => _services.Flow.LostAsync(this, all);

    public async ValueTask EndAsync()
    {
        // Whoever comes second (a newcomer that takes the resource, or the stream itself) waits for the same end.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _ended, ended, null) is { } already)
        {
            await already.Task;
            return;
        }

        _isOver = true;
        // Before anything else: nobody resumes a session that ends.
        var undelivered = _stream.TakeUndelivered();
        _services.Sessions.Retire(this);
        await _inbox.CloseAsync(() => _services.Flow.EndedAsync(this));
        // Behind the announcement, so that what goes elsewhere finds this one gone; before a newcomer may take the address.
        if (undelivered.Count > 0) await _services.Flow.LostAsync(this, undelivered);
        _services.Sessions.Forget(this);
        ended.TrySetResult();
    }

    /// <summary>The presence that its client broadcast, before plugins added to it.</summary>
    public Presence? Said => _said;

    /// <summary>Notes the presence that this session broadcast, and what of it its client said.</summary>
    public void SetPresence(Presence presence, Presence said) => (_presence, _said) = (presence, said);

    /// <summary>Says its presence anew, behind what its client said meanwhile, to whoever was shown another.</summary>
    public void RenewPresence()
    {
        // Once: it will be as it is then.
        if (!Interlocked.Exchange(ref _isRenewing, true)) _ = _inbox.PostAsync(RenewAsync, static () => 0).AsTask(); // one that is over says nothing any more
    }

    private ValueTask RenewAsync()
    {
        Volatile.Write(ref _isRenewing, false);
        return _services.Flow.RenewAsync(this);
    }

    /// <summary>Ends the stream; its own end follows by <see cref="EndAsync"/>.</summary>
    public void Close(string condition, string? text = null) => _stream.Close(condition, text);

    /// <summary>The same unless its client proved who it is by what that change of its account left or made; returns whether it did end it.</summary>
    public bool CloseProvenBefore(long change, string condition) => _stream.CloseProvenBefore(change, condition);

    /// <summary>Writes to the stream as it is; false once the stream is over.</summary>
    public ValueTask<bool> WriteAsync(Stanza stanza, Delivery? delivery, CancellationToken ct)
    {
        var sending = _isOver ? new(false) : _stream.SendAsync(stanza, delivery, ct);
        return sending is { IsCompletedSuccessfully: true, Result: true } ? new(true) : WrittenAsync(sending);
    }

    private async ValueTask<bool> WrittenAsync(ValueTask<bool> sending)
    {
        if (await sending) return true;
        _isOver = true;
        return false;
    }

    // What comes behind it does not wait for the disk.
    private ValueTask HandleAsync(Stanza stanza, Action? handled) => _services.Flow.FromSessionAsync(this, stanza, handled is null ? null : new Handling(handled));
}
