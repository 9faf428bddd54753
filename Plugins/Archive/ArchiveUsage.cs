using System.Data;
using System.Data.Common;

namespace Parley.Plugins.Archive;

/// <summary>
/// How much an owner keeps. It is counted on from where it was counted to, and what is removed or replaced is taken off in the same write, so that nobody ever has to look through a whole archive.
/// All of it within writes, of which there is one at a time.
/// </summary>
internal static class ArchiveUsage
{
    /// <summary>Entries counted or removed by one write.</summary>
    public const int BatchSize = 500;

    /// <summary>What is counted, and whether there is more.</summary>
    /// <param name="Messages">Messages.</param>
    /// <param name="Bytes">Their bytes.</param>
    /// <param name="IsBehind">Whether there are entries that are not counted.</param>
    public readonly record struct Count(long Messages, long Bytes, bool IsBehind);

    /// <summary>What is counted of an owner.</summary>
    public static Count Find(DbConnection connection, long owner)
    {
        using var last = new Statement(connection, "SELECT MAX(id) FROM archive_entries WHERE owner = @owner", ("@owner", DbType.Int64));
        var newest = last.Number(owner) ?? 0;
        using var find = new Statement(connection, "SELECT through, messages, bytes FROM archive_usage WHERE owner = @owner", ("@owner", DbType.Int64));
        using var row = find.Read(owner);
        return row.Read() ? new Count(row.GetInt64(1), row.GetInt64(2), row.GetInt64(0) < newest) : new Count(0, 0, newest > 0);
    }

    /// <summary>Counts the next ones of an owner.</summary>
    public static bool Advance(DbConnection connection, long owner)
    {
        using var find = new Statement(connection,
            $"""
            SELECT COUNT(*), SUM(bytes), MAX(id) FROM (SELECT id, LENGTH(stanza) AS bytes FROM archive_entries
            WHERE owner = @owner AND id > COALESCE((SELECT through FROM archive_usage WHERE owner = @owner), 0) ORDER BY id LIMIT {BatchSize}) AS next
            """, ("@owner", DbType.Int64));
        long messages, bytes, through;
        using (var row = find.Read(owner))
        {
            if (!row.Read() || row.IsDBNull(2)) return false;
            (messages, bytes, through) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
        }

        using var add = new Statement(connection,
            """
            INSERT INTO archive_usage (owner, through, messages, bytes) VALUES (@owner, @through, @messages, @bytes)
            ON CONFLICT (owner) DO UPDATE SET through = excluded.through, messages = archive_usage.messages + excluded.messages, bytes = archive_usage.bytes + excluded.bytes
            """, ("@owner", DbType.Int64), ("@through", DbType.Int64), ("@messages", DbType.Int64), ("@bytes", DbType.Int64));
        add.Execute(owner, through, messages, bytes);
        return true;
    }

    /// <summary>Removes an owner's oldest entries, a bounded number of them: for as long as <paramref name="goes"/> says so of one.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="goes">Whether the next goes, by its number and what would be left with it.</param>
    /// <returns>How many.</returns>
    public static int RemoveOldest(DbConnection connection, long owner, Func<long, Count, bool> goes)
    {
        var left = Find(connection, owner);
        using var usage = new Statement(connection, "SELECT through FROM archive_usage WHERE owner = @owner", ("@owner", DbType.Int64));
        var through = usage.Number(owner) ?? 0;
        using var oldest = new Statement(connection, $"SELECT id, LENGTH(stanza) FROM archive_entries WHERE owner = @owner ORDER BY id LIMIT {BatchSize}", ("@owner", DbType.Int64));
        long last = 0;
        var removed = 0;
        using (var rows = oldest.Read(owner))
        {
            while (rows.Read() && goes(rows.GetInt64(0), left))
            {
                last = rows.GetInt64(0);
                removed++;
                if (last <= through) left = left with { Messages = left.Messages - 1, Bytes = left.Bytes - rows.GetInt64(1) };
            }
        }

        if (removed == 0) return 0;
        using var delete = new Statement(connection, "DELETE FROM archive_entries WHERE owner = @owner AND id <= @last", ("@owner", DbType.Int64), ("@last", DbType.Int64));
        delete.Execute(owner, last);
        using var update = new Statement(connection, "UPDATE archive_usage SET messages = @messages, bytes = @bytes WHERE owner = @owner", ("@messages", DbType.Int64), ("@bytes", DbType.Int64), ("@owner", DbType.Int64));
        update.Execute(left.Messages, left.Bytes, owner);
        return removed;
    }

    /// <summary>An entry is about to be replaced.</summary>
    public static void Replacing(DbConnection connection, long owner, long entry, int bytes)
    {
        using var update = new Statement(connection,
            """
            UPDATE archive_usage SET bytes = bytes + @bytes - COALESCE((SELECT LENGTH(stanza) FROM archive_entries WHERE owner = @owner AND id = @id), @bytes)
            WHERE owner = @owner AND through >= @id
            """, ("@bytes", DbType.Int64), ("@owner", DbType.Int64), ("@id", DbType.Int64));
        update.Execute((long)bytes, owner, entry);
    }
}
