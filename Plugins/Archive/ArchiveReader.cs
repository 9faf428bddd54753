using System.Data;
using System.Data.Common;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;

namespace Parley.Plugins.Archive;

/// <summary>Reads on one connection: each query a range of an index, in its order, no longer than its page.</summary>
internal sealed class ArchiveReader(DbConnection connection, EntryIds ids)
{
    /// <summary>The most bytes of a page; one message passes whatever its size.</summary>
    public const int MaxPageBytes = 1024 * 1024;

    /// <summary>The most that is counted where only the number is asked for (XEP-0059 section 2.7).</summary>
    public const int MaxCount = 100_000;

    private const string Columns = "id, time, author, stanza, peer, resource";
    private readonly StoredMessage _messages = new();

    /// <summary>An owner's number; null if nothing was ever archived for it.</summary>
    public long? FindOwner(Jid owner)
    {
        using var find = new Statement(connection, "SELECT id FROM archive_owners WHERE address = @address", ("@address", DbType.String));
        return find.Number(owner.ToString());
    }

    /// <summary>One entry; null if there is none.</summary>
    public StoredEntry? Find(long owner, string id)
    {
        if (!ids.TryRead(owner, id, out var number)) return null;
        using var find = new Statement(connection,
            $"SELECT {Columns} FROM archive_entries WHERE owner = @owner AND id = @id UNION ALL SELECT {Columns} FROM archive_log WHERE owner = @owner AND id = @id", ("@owner", DbType.Int64), ("@id", DbType.Int64));
        using var row = find.Read(owner, number);
        return row.Read() ? ReadRow(row) : null;
    }

    /// <summary>A page; null if an id that the query names is not there.</summary>
    public ArchivePage? Read(long? owner, ArchiveQuery query, int max)
    {
        if (owner is not { } number) return query.Ids.Count > 0 || Named(query).Any() ? null : new ArchivePage([], true, query.Page.Max == 0 ? 0 : null);
        var low = query.Start is { } start ? EntryNumber.From(start) : 0;
        var high = query.End is { } end ? EntryNumber.UpTo(end) : long.MaxValue;
        foreach (var (id, isBelow) in Named(query))
        {
            if (Exists(number, id) is not { } named) return null;
            if (isBelow) low = Math.Max(low, named + 1);
            else high = Math.Min(high, named - 1);
        }

        var range = new EntryRange(number, low, high, query.With is { } with ? Fingerprints.OfPeer(with) : null, query.With?.Resource);
        if (query.Ids.Count > 0) return Pick(range, query, max);
        if (query.Page.Max != 0) return Page(range, query, max);
        using var count = range.Count(connection, MaxCount);
        var all = (int)count.Number(range.Values)!.Value;
        return new ArchivePage([], all == 0, all);
    }

    /// <summary>The newest message with somebody that has that id of its own and that author; null if there is none among the newest <paramref name="lookAt"/>.</summary>
    public StoredEntry? FindByMessageId(long owner, Jid with, string messageId, Jid author, int lookAt)
    {
        const string Newest = "WHERE owner = @owner AND peer = @peer ORDER BY id DESC LIMIT";
        using var find = new Statement(connection,
            $"""
            SELECT * FROM (SELECT {Columns}, message FROM archive_log {Newest} {lookAt}) AS logged WHERE message = @message
            UNION ALL SELECT * FROM (SELECT {Columns}, message FROM archive_entries {Newest} {lookAt}) AS settled WHERE message = @message
            ORDER BY id DESC
            """,
            ("@owner", DbType.Int64), ("@peer", DbType.Int64), ("@message", DbType.Int64));
        using var rows = find.Read(owner, Fingerprints.OfPeer(with), Fingerprints.OfMessage(messageId));
        while (rows.Read())
        {
            var entry = ReadRow(rows);
            if (entry.Message.Id == messageId && entry.Author == author.Bare) return entry;
        }

        return null;
    }

    /// <summary>An owner's first and last entries; null if it has none.</summary>
    public ArchiveBounds? FindBounds(long owner)
    {
        (long Id, long Time)? End(bool isBackwards)
        {
            var range = new EntryRange(owner, 0, long.MaxValue, null, null);
            using var find = range.Select(connection, "id, time", isBackwards, 1);
            using var row = find.Read(range.Values);
            return row.Read() ? (row.GetInt64(0), row.GetInt64(1)) : null;
        }

        return End(false) is { } first && End(true) is { } last ? new ArchiveBounds(ids.Write(owner, first.Id), TimeOf(first.Time), ids.Write(owner, last.Id), TimeOf(last.Time)) : null;
    }

    /// <summary>The entry as others see it.</summary>
    public ArchiveEntry ToEntry(long owner, StoredEntry entry) => new(ids.Write(owner, entry.Number), entry.Time, entry.Author, entry.Message);

    private static DateTimeOffset TimeOf(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);

    // The ids that bound what is asked for, each with the side on which it does.
    private static IEnumerable<(string Id, bool IsBelow)> Named(ArchiveQuery query)
    {
        if (query.AfterId is { } afterId) yield return (afterId, true);
        if (query.BeforeId is { } beforeId) yield return (beforeId, false);
        if (query.Page.After is { } after) yield return (after, true);
        if (query.Page.Before is { Length: > 0 } before) yield return (before, false);
    }

    private long? Exists(long owner, string id)
    {
        if (!ids.TryRead(owner, id, out var number)) return null;
        using var find = new Statement(connection,
            "SELECT id FROM archive_entries WHERE owner = @owner AND id = @id UNION ALL SELECT id FROM archive_log WHERE owner = @owner AND id = @id", ("@owner", DbType.Int64), ("@id", DbType.Int64));
        return find.Number(owner, number);
    }

    private ArchivePage Page(in EntryRange range, ArchiveQuery query, int max)
    {
        var limit = Math.Min(query.Page.Max ?? max, max);
        var owner = range.Owner;
        var entries = new List<ArchiveEntry>();
        var (isComplete, bytes) = (true, 0);
        using var select = range.Select(connection, Columns, query.Page.IsBackwards, limit + 1);
        using var rows = select.Read(range.Values);
        while (rows.Read())
        {
            isComplete = entries.Count < limit;
            if (!isComplete) break;
            var entry = ReadRow(rows);
            bytes += entry.Bytes;
            isComplete = entries.Count == 0 || bytes <= MaxPageBytes;
            if (!isComplete) break;
            entries.Add(ToEntry(owner, entry));
        }

        if (query.Page.IsBackwards) entries.Reverse();
        return new ArchivePage(entries, isComplete);
    }

    // Every id must be there, also one that the other filters leave out (section 4.1.3).
    private ArchivePage? Pick(EntryRange range, ArchiveQuery query, int max)
    {
        var found = new List<StoredEntry>();
        var bytes = 0;
        foreach (var id in query.Ids.Distinct(StringComparer.Ordinal))
        {
            if (Find(range.Owner, id) is not { } entry) return null;
            bytes += entry.Bytes;
            if (range.Contains(entry) && (found.Count == 0 || bytes <= MaxPageBytes)) found.Add(entry);
        }

        if (query.Page.Max == 0) return new ArchivePage([], found.Count == 0, found.Count);
        var limit = Math.Min(query.Page.Max ?? max, max);
        var sorted = found.OrderBy(e => e.Number).ToList();
        var page = query.Page.IsBackwards ? sorted.Skip(Math.Max(0, sorted.Count - limit)) : sorted.Take(limit);
        return new ArchivePage([.. page.Select(e => ToEntry(range.Owner, e))], sorted.Count <= limit && bytes <= MaxPageBytes);
    }

    private StoredEntry ReadRow(DbDataReader row)
    {
        var stanza = row.GetFieldValue<byte[]>(3);
        var message = _messages.Read(stanza);
        var author = row.IsDBNull(2) ? message.From!.Bare : Jid.Parse(row.GetString(2));
        return new StoredEntry(row.GetInt64(0), TimeOf(row.GetInt64(1)), author, message, row.GetInt64(4), row.IsDBNull(5) ? null : row.GetString(5), stanza.Length);
    }
}
