using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Core.Archive;

/// <summary>A message as an archive has it.</summary>
/// <param name="Id">Its id there, the one of its <c>stanza-id</c> (XEP-0359).</param>
/// <param name="Time">When it came.</param>
/// <param name="Author">Who wrote it: of an account's message its bare sender, of a room's whoever the room says.</param>
/// <param name="Message">The stanza as it came, or what stands in its place (XEP-0424 section 5).</param>
public sealed record ArchiveEntry(string Id, DateTimeOffset Time, Jid Author, Message Message);

/// <summary>A page of what was asked for, oldest first.</summary>
/// <param name="Entries">The entries.</param>
/// <param name="IsComplete">Whether there is nothing more in the direction of paging (XEP-0313 section 4.3.2).</param>
/// <param name="Count">How many entries match on all pages; null if not counted.</param>
public sealed record ArchivePage(IReadOnlyList<ArchiveEntry> Entries, bool IsComplete, int? Count = null);

/// <summary>An archive's first and last entries (XEP-0313 section 5).</summary>
public sealed record ArchiveBounds(string FirstId, DateTimeOffset FirstTime, string LastId, DateTimeOffset LastTime);
