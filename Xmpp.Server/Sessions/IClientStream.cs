using System.Net;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>A client's stream as a session sees it: where it writes, over however many connections (XEP-0198). The stream side (Streams/) implements it, the session side (Sessions/) calls it.</summary>
public interface IClientStream
{
    /// <summary>The client's network address.</summary>
    IPAddress? RemoteAddress { get; }

    /// <summary>Whether somebody may be looking at the client.</summary>
    Parley.Plugin.Abstractions.ClientAttention Attention => Parley.Plugin.Abstractions.ClientAttention.Active;

    /// <summary>Whether it keeps stanzas until the client acknowledges them (XEP-0198).</summary>
    bool IsManaged => false;

    /// <summary>Queues a stanza (its kept UTF-8 form); waits while the bounded queue is full, and ends the stream if that lasts. False once the stream is over: nothing was sent,
    /// and <paramref name="delivery"/> hears nothing.</summary>
    ValueTask<bool> SendAsync(Stanza stanza, Delivery? delivery = null, CancellationToken ct = default);

    /// <summary>Ends the stream with a stream error (RFC 6120 section 4.9.3), such as <c>conflict</c>, and its session with it. Does not wait.</summary>
    void Close(string condition, string? text = null);

    /// <summary>Does the same unless the client proved who it is, on its first connection or on one that resumed the stream, by what counted at or after that change of its account
    /// (<see cref="Storage.ScramKeys.Change"/>); returns whether it did.</summary>
    bool CloseProvenBefore(long change, string condition);

    /// <summary>The session ends: nothing is taken any more, the stream cannot be resumed, and what a managed stream holds unacknowledged is given back, in order.
    /// What a stream that is not managed fails to write comes later, by <see cref="IBoundSession.LoseAsync"/>.</summary>
    IReadOnlyList<Undelivered> TakeUndelivered();
}

/// <summary>A bound resource as its stream sees it.</summary>
public interface IBoundSession
{
    /// <summary>The full address.</summary>
    Parley.Xmpp.Core.Addressing.Jid Jid { get; }

    /// <summary>Takes one stanza element that the client sent, in <c>jabber:client</c>: checks it, stamps or judges <c>from</c> (RFC 6120 section 8.1.2.1), routes it. In order; the stream waits.</summary>
    /// <param name="stanza">The element.</param>
    /// <param name="handled">Called once the stanza is handled, so that it may be acknowledged (XEP-0198 section 4); not where a stream error comes of it, or an exception.</param>
    /// <param name="ct">Gives up waiting for room; the stanza is not taken then.</param>
    /// <returns>Null, or the stream error condition that the stream must end with (such as <c>invalid-from</c>, <c>unsupported-stanza-type</c>).</returns>
    ValueTask<string?> ReceiveAsync(Parley.Xmpp.Core.Xml.Element stanza, Action? handled, CancellationToken ct);

    /// <summary>Another connection carries the stream now.</summary>
    void Resumed();

    /// <summary>The client may never have these, which it was sent while it seemed to be there: it does not answer, or its connection broke.</summary>
    void FellSilent(IReadOnlyList<Stanza> unheard);

    /// <summary>Takes what the stream could not write, to route it elsewhere or tell its senders.</summary>
    ValueTask LoseAsync(IReadOnlyList<Undelivered> all);

    /// <summary>The stream is over, however it ended: says unavailable where due, routes elsewhere what never arrived, and forgets the session. Once.</summary>
    ValueTask EndAsync();
}

/// <summary>Binds resources.</summary>
public interface ISessionBinder
{
    /// <summary>Binds a resource (RFC 6120 section 7). A taken resource goes to the newcomer, the old stream ends with <c>conflict</c>; none asked for means one made here.</summary>
    /// <returns>The session, or a condition to refuse with (<c>bad-request</c>, <c>resource-constraint</c>, <c>not-authorized</c> where the account is no more: the stream then ends).</returns>
    ValueTask<(IBoundSession? Session, StanzaCondition Refusal)> BindAsync(IClientStream stream, Parley.Xmpp.Core.Addressing.Jid bare, Parley.Plugin.Abstractions.SenderKind kind, string? resource, CancellationToken ct);
}
