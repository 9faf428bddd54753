using System.Net;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>A bound resource: what plugins see of it (<see cref="ISession"/>) and what its stream does with it (<see cref="IBoundSession"/>).</summary>
internal sealed class Session : ISession, IBoundSession
{
    private readonly IClientStream _stream;
    private readonly SessionServices _services;
    private readonly SerialQueue _inbox;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Presence? _presence;
    private volatile bool _isInterested;
    private volatile bool _isOver;
    private int _ending;

    public Session(Jid jid, string id, SenderKind kind, IClientStream stream, SessionServices services)
    {
        (Jid, Id, Kind, _stream, _services) = (jid, id, kind, stream, services);
        RemoteAddress = stream.RemoteAddress;
        Sender = new SenderInfo(kind, id, RemoteAddress);
        _inbox = new SerialQueue(services.Limits.PendingPerSender, services.Limits.PendingBytesPerSender);
        Directed = new DirectedPresences(services.Limits.DirectedPresences);
    }

    /// <inheritdoc cref="ISession.Jid"/>
    public Jid Jid { get; }

    public string Id { get; }

    public SenderKind Kind { get; }

    public IPAddress? RemoteAddress { get; }

    /// <summary>What handlers are told of this session as a sender.</summary>
    public SenderInfo Sender { get; }

    /// <summary>Who was told by directed presence.</summary>
    public DirectedPresences Directed { get; }

    public Presence? Presence => _presence;

    public bool IsAvailable => !_isOver && _presence is { IsAvailable: true };

    public bool IsInterested
    {
        get => _isInterested;
        set => _isInterested = value;
    }

    public ValueTask SendAsync(Stanza stanza, CancellationToken ct = default) => _services.Flow.SendAsync(this, stanza, ct);

    public async ValueTask<string?> ReceiveAsync(Element stanza, CancellationToken ct)
    {
        var (read, streamError, refusal) = InboundStanza.Read(stanza, Jid);
        if (streamError is not null) return streamError;
        if (refusal is not null) await WriteAsync(refusal, ct);
        if (read is null) return null;
        // An answer may be what this session's own handler waits for, so it does not queue behind that handler.
        if (read is Iq { IsRequest: false } answer && _services.Flow.TryAnswer(answer)) return null;
        await _inbox.PostAsync(() => _services.Flow.FromSessionAsync(this, read), () => read.Element.ToUtf8().Length, ct);
        return null;
    }

    public async ValueTask EndAsync()
    {
        // Whoever comes second (a newcomer that takes the resource, or the stream itself) waits for the same end.
        if (Interlocked.Exchange(ref _ending, 1) == 1)
        {
            await _ended.Task;
            return;
        }

        _isOver = true;
        _services.Sessions.Retire(this);
        await _inbox.CloseAsync(() => _services.Flow.EndedAsync(this));
        _services.Sessions.Forget(this);
        _ended.TrySetResult();
    }

    /// <summary>Notes the presence that this session broadcast.</summary>
    public void SetPresence(Presence presence) => _presence = presence;

    /// <summary>Ends the stream; its own end follows by <see cref="EndAsync"/>.</summary>
    public void Close(string condition, string? text = null) => _stream.Close(condition, text);

    /// <summary>Writes to the stream as it is; false once the stream is over.</summary>
    public async ValueTask<bool> WriteAsync(Stanza stanza, CancellationToken ct)
    {
        if (!_isOver && await _stream.SendAsync(stanza, ct)) return true;
        _isOver = true;
        return false;
    }
}
