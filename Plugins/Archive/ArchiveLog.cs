using System.Data;
using System.Data.Common;

namespace Parley.Plugins.Archive;

/// <summary>Moves entries from the log to their places: many at a time and in the places' order, so that each page is written once for all that go there.</summary>
internal static class ArchiveLog
{
    /// <summary>Entries moved by one write.</summary>
    public const int BatchSize = 1000;

    private const string Columns = "owner, id, peer, resource, author, message, time, stanza";

    /// <summary>Moves the oldest, within a write. What belongs to owners that are gone goes.</summary>
    /// <returns>Up to which they were moved, 0 if there were none, and whether that was as many as go at once.</returns>
    public static (long Last, bool IsFull) Settle(DbConnection connection)
    {
        var (last, count) = FindOldest(connection);
        if (count == 0) return (0, false);
        Run(connection, $"INSERT INTO archive_entries ({Columns}) SELECT {Columns} FROM archive_log WHERE seq <= @last AND owner IN (SELECT id FROM archive_owners) ORDER BY owner, id", last);
        Run(connection,
            """
            INSERT INTO archive_origins (owner, origin, entry) SELECT owner, origin, MAX(id) FROM archive_log
            WHERE seq <= @last AND origin IS NOT NULL AND owner IN (SELECT id FROM archive_owners) GROUP BY owner, origin
            ON CONFLICT (owner, origin) DO UPDATE SET entry = excluded.entry
            """, last);
        Run(connection, "DELETE FROM archive_log WHERE seq <= @last", last);
        return (last, count == BatchSize);
    }

    private static (long Last, long Count) FindOldest(DbConnection connection)
    {
        using var find = new Statement(connection, $"SELECT MAX(seq), COUNT(*) FROM (SELECT seq FROM archive_log ORDER BY seq LIMIT {BatchSize}) AS oldest");
        using var row = find.Read();
        return row.Read() && !row.IsDBNull(0) ? (row.GetInt64(0), row.GetInt64(1)) : default;
    }

    private static void Run(DbConnection connection, string sql, long last)
    {
        using var statement = new Statement(connection, sql, ("@last", DbType.Int64));
        statement.Execute(last);
    }
}
