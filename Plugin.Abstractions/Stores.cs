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

/// <summary>Hears of accounts that are removed. Contributed by whoever holds something that must end with them.</summary>
public interface IAccountObserver
{
    /// <summary>An account was removed; its sessions have been told to end. Called within a second or two, on a thread of the server's: does not block.</summary>
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

    /// <summary>The oldest kept messages, in order, with the id to remove each by.</summary>
    ValueTask<IReadOnlyList<(long Id, Message Message, DateTimeOffset Received)>> ReadAsync(Jid account, int limit, CancellationToken ct = default);

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
