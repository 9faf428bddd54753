using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>Where a session's stanzas go; the router implements it.</summary>
internal interface ISessionFlow
{
    /// <summary>Takes a stanza that a session sent, its addresses judged. Never throws for what handlers do.</summary>
    ValueTask FromSessionAsync(Session session, Stanza stanza);

    /// <summary>Whether an IQ answer was one that somebody here waits for; it is taken then.</summary>
    bool TryAnswer(Iq answer);

    /// <summary>Writes a stanza to a session by way of the interceptors.</summary>
    ValueTask SendAsync(Session session, Stanza stanza, CancellationToken ct);

    /// <summary>A session is over: says unavailable where due.</summary>
    ValueTask EndedAsync(Session session);
}
