using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugin.Abstractions;

/// <summary>The accounts of this server.</summary>
public interface IAccountStore
{
    /// <summary>Whether a local account of that bare address exists (guests have none).</summary>
    ValueTask<bool> ExistsAsync(Jid bare, CancellationToken ct = default);
}

/// <summary>Administers the accounts of this server. For plugins that act for the operator, or for an account on itself: it asks nobody for leave.</summary>
public interface IAccountManager
{
    /// <summary>Adds an account; false if it exists.</summary>
    /// <exception cref="ArgumentException">The address is no bare address of an account of a served domain, or the password is empty or not allowed (RFC 4013).</exception>
    ValueTask<bool> AddAsync(Jid account, string password, CancellationToken ct = default);

    /// <summary>Removes an account with all that belongs to it; false if there is none. Its sessions end within seconds.</summary>
    ValueTask<bool> RemoveAsync(Jid account, CancellationToken ct = default);

    /// <summary>Changes a password; false if there is no such account. Its sessions end within seconds: whoever knew the old one is out.</summary>
    /// <exception cref="ArgumentException">The password is empty or not allowed (RFC 4013).</exception>
    ValueTask<bool> SetPasswordAsync(Jid account, string password, CancellationToken ct = default);

    /// <summary>The accounts of a served domain, in order.</summary>
    ValueTask<IReadOnlyList<Jid>> ListAsync(string domain, CancellationToken ct = default);

    /// <summary>The sessions of the accounts of a served domain at this moment.</summary>
    IReadOnlyList<ISession> Sessions(string domain);

    /// <summary>Ends a session with a stream error (RFC 6120 section 4.9.3); false if it is gone. Does not wait.</summary>
    bool End(string sessionId, string condition = "policy-violation");
}

/// <summary>Hears of accounts that are removed. Contributed by whoever holds something that must end with them.</summary>
public interface IAccountObserver
{
    /// <summary>An account was removed; its sessions have been told to end. Called within a second or two, on a thread of the server's: does not block. Somebody else may have an account of that name by then.</summary>
    void Removed(Jid account);
}

/// <summary>Rosters (RFC 6121 section 2).</summary>
public interface IRosterStore
{
    /// <summary>All items of an account's roster.</summary>
    ValueTask<IReadOnlyList<RosterItem>> ReadAsync(Jid account, CancellationToken ct = default);

    /// <summary>One item; null if absent.</summary>
    ValueTask<RosterItem?> FindAsync(Jid account, Jid contact, CancellationToken ct = default);

    /// <summary>Adds or replaces an item; durable when this returns.</summary>
    ValueTask WriteAsync(Jid account, RosterItem item, CancellationToken ct = default);

    /// <summary>Removes an item; false if there was none.</summary>
    ValueTask<bool> RemoveAsync(Jid account, Jid contact, CancellationToken ct = default);
}

/// <summary>A roster item.</summary>
/// <param name="Contact">The contact's bare address.</param>
/// <param name="Name">The name that the user gave; null if none.</param>
/// <param name="Groups">The groups that it is in.</param>
/// <param name="SubscribedTo">The user receives the contact's presence (<c>to</c> or <c>both</c>).</param>
/// <param name="SubscribedFrom">The contact receives the user's presence (<c>from</c> or <c>both</c>).</param>
/// <param name="PendingOut">The user asked for a subscription (<c>ask='subscribe'</c>).</param>
/// <param name="PendingIn">The contact's request, kept until answered: a whole presence stanza; null if none. An item that is only this is not shown in the roster.</param>
/// <param name="PreApproved">Approved in advance (RFC 6121 section 3.4).</param>
public sealed record RosterItem(Jid Contact, string? Name, IReadOnlyList<string> Groups, bool SubscribedTo, bool SubscribedFrom, bool PendingOut, Element? PendingIn, bool PreApproved = false);

/// <summary>Messages kept for accounts without an available session (XEP-0160).</summary>
public interface IOfflineStore
{
    /// <summary>Keeps a message; durable when this returns.</summary>
    /// <returns>False if the account's limit is reached and nothing was kept.</returns>
    ValueTask<bool> AddAsync(Jid account, Message message, DateTimeOffset received, CancellationToken ct = default);

    /// <summary>The oldest kept messages behind that id (0: all), in order, with the id to remove each by.</summary>
    ValueTask<IReadOnlyList<(long Id, Message Message, DateTimeOffset Received)>> ReadAsync(Jid account, int limit, long after = 0, CancellationToken ct = default);

    /// <summary>Forgets delivered messages.</summary>
    ValueTask RemoveAsync(Jid account, IReadOnlyList<long> ids, CancellationToken ct = default);
}

/// <summary>Small XML documents by account and name, such as a vCard.</summary>
public interface IPrivateStore
{
    /// <summary>The document; null if absent.</summary>
    ValueTask<Element?> ReadAsync(Jid account, string name, CancellationToken ct = default);

    /// <summary>Sets or (null) removes the document; durable when this returns.</summary>
    ValueTask WriteAsync(Jid account, string name, Element? document, CancellationToken ct = default);
}
