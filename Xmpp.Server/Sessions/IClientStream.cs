using System.Net;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>A client's stream as a session sees it: where it writes. The stream side (Streams/) implements it, the session side (Sessions/) calls it.</summary>
public interface IClientStream
{
    /// <summary>The client's network address.</summary>
    IPAddress? RemoteAddress { get; }

    /// <summary>Queues a stanza (its kept UTF-8 form); waits while the bounded queue is full, and ends the stream if that lasts. False once the stream is over: nothing was sent.</summary>
    ValueTask<bool> SendAsync(Stanza stanza, CancellationToken ct = default);

    /// <summary>Ends the stream with a stream error (RFC 6120 section 4.9.3), such as <c>conflict</c>, after what is queued. Does not wait.</summary>
    void Close(string condition, string? text = null);
}

/// <summary>A bound resource as its stream sees it.</summary>
public interface IBoundSession
{
    /// <summary>The full address.</summary>
    Parley.Xmpp.Core.Addressing.Jid Jid { get; }

    /// <summary>Takes one stanza element that the client sent, in <c>jabber:client</c>: checks it, stamps or judges <c>from</c> (RFC 6120 section 8.1.2.1), routes it. In order; the stream waits.</summary>
    /// <returns>Null, or the stream error condition that the stream must end with (such as <c>invalid-from</c>, <c>unsupported-stanza-type</c>).</returns>
    ValueTask<string?> ReceiveAsync(Parley.Xmpp.Core.Xml.Element stanza, CancellationToken ct);

    /// <summary>The stream is over, however it ended: says unavailable where due and forgets the session. Once.</summary>
    ValueTask EndAsync();
}

/// <summary>Binds resources.</summary>
public interface ISessionBinder
{
    /// <summary>Binds a resource (RFC 6120 section 7). A taken resource goes to the newcomer, the old stream ends with <c>conflict</c>; none asked for means one made here.</summary>
    /// <returns>The session, or a condition to refuse with (<c>bad-request</c>, <c>resource-constraint</c>, <c>not-authorized</c> where the account is no more: the stream then ends).</returns>
    ValueTask<(IBoundSession? Session, StanzaCondition Refusal)> BindAsync(IClientStream stream, Parley.Xmpp.Core.Addressing.Jid bare, Parley.Plugin.Abstractions.SenderKind kind, string? resource, CancellationToken ct);
}
