using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugin.Abstractions;

/// <summary>
/// The message archive (XEP-0313), contributed by the plugin that keeps it: for each owner, the bare address of an account or a room, its messages in the order in which they came.
/// Who may read or write is the caller's to judge.
/// </summary>
public interface IMessageArchive
{
    /// <summary>Adds messages, all or none; durable when this returns.</summary>
    /// <returns>How each is archived, in order; null where its owner is an address of a served domain that no account has.</returns>
    ValueTask<IReadOnlyList<ArchivedAs?>> AddAsync(IReadOnlyList<ArchiveAddition> additions, CancellationToken ct = default);

    /// <summary>Reads a page of an owner's messages. The page is bounded whatever was asked.</summary>
    /// <returns>Null if an id that the query names is not there: <c>item-not-found</c> (sections 4.1.3 and 4.3.2).</returns>
    ValueTask<ArchivePage?> ReadAsync(Jid owner, ArchiveQuery query, CancellationToken ct = default);

    /// <summary>One entry; null if there is none.</summary>
    ValueTask<ArchiveEntry?> FindAsync(Jid owner, string id, CancellationToken ct = default);

    /// <summary>An owner's first and last entries (section 5); null for an archive without any.</summary>
    ValueTask<ArchiveBounds?> FindBoundsAsync(Jid owner, CancellationToken ct = default);

    /// <summary>Puts another message in the place of an entry's, such as a tombstone (XEP-0424 section 5). Id, time, author and whom it is with stay, so that queries stay consistent.</summary>
    /// <returns>False if there is no such entry.</returns>
    ValueTask<bool> ReplaceAsync(Jid owner, string id, Message message, CancellationToken ct = default);

    /// <summary>Forgets all of an owner's messages. They are gone for everybody when this returns; their room is freed later. An account's own go with it.</summary>
    ValueTask RemoveAsync(Jid owner, CancellationToken ct = default);
}

/// <summary>A message to archive.</summary>
/// <param name="Owner">Whose archive: a bare address.</param>
/// <param name="With">Whom it is with, as the filter of that name finds it (section 4.1.1): an account's other side, a room's occupant.</param>
/// <param name="Author">Who wrote it: a bare address that stays the same over reconnection and change of nickname.</param>
/// <param name="Message">The stanza, as it shall be found.</param>
public sealed record ArchiveAddition(Jid Owner, Jid With, Jid Author, Message Message)
{
    /// <summary>The id that the author gave it (XEP-0359); null for none. The same owner, author, bare <see cref="With"/> and origin-id within 24 hours are the same message.</summary>
    public string? OriginId { get; init; }

    /// <summary>When it came; null: now.</summary>
    public DateTimeOffset? Received { get; init; }
}

/// <summary>How a message is archived.</summary>
/// <param name="Id">Its id, for its <c>stanza-id</c> (XEP-0359).</param>
/// <param name="Time">When it came, of a message sent again the first time.</param>
/// <param name="IsDuplicate">It was there already, sent before by the same author with the same origin-id; nothing was added.</param>
public sealed record ArchivedAs(string Id, DateTimeOffset Time, bool IsDuplicate);
