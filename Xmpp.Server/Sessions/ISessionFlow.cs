using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>Where a session's stanzas go; the router implements it.</summary>
internal interface ISessionFlow
{
    /// <summary>Takes a stanza that a session sent, its addresses judged. The next one may follow when this completes. Never throws for what handlers do.</summary>
    /// <param name="session">The session.</param>
    /// <param name="stanza">The stanza.</param>
    /// <param name="handling">Is done when it has been routed, which may be later, and all is on the disk that must be before the stanza counts as handled; null: nobody asks.</param>
    ValueTask FromSessionAsync(Session session, Stanza stanza, Handling? handling);

    /// <summary>Whether an IQ answer was one that somebody here waits for; it is taken then.</summary>
    bool TryAnswer(Iq answer);

    /// <summary>Writes a stanza to a session by way of the interceptors. False if it is over, or one of those failed; <paramref name="delivery"/> hears nothing then.</summary>
    ValueTask<bool> SendAsync(Session session, Stanza stanza, Delivery? delivery, CancellationToken ct);

    /// <summary>Writes a copy of a message that another client of the account is to have.</summary>
    ValueTask SendCopyAsync(Session session, Stanza copy, Stanza original, CancellationToken ct);

    /// <summary>Says a session's presence anew, broadcast and directed, where plugins would add something else to it than they did. Never throws for what handlers do.</summary>
    ValueTask RenewAsync(Session session);

    /// <summary>A session is over: says unavailable where due.</summary>
    ValueTask EndedAsync(Session session);

    /// <summary>Tells plugins what a session's client may never have.</summary>
    void FellSilent(Session session, IReadOnlyList<Stanza> unheard);

    /// <summary>Routes elsewhere what a session's client never had, or tells its senders. Never throws for what comes of one of them.</summary>
    ValueTask LostAsync(Session session, IReadOnlyList<Undelivered> all);
}
