using System.Data;
using System.Data.Common;

namespace Parley.Plugins.Archive;

/// <summary>A range of an owner's entries, all of them or those with somebody: consecutive in an index.</summary>
/// <param name="Owner">The owner's number.</param>
/// <param name="Low">The lowest number.</param>
/// <param name="High">The highest.</param>
/// <param name="Peer">The fingerprint of whom they are with; null for whomever.</param>
/// <param name="Resource">Their resource; null for whichever.</param>
internal readonly record struct EntryRange(long Owner, long Low, long High, long? Peer, string? Resource)
{
    /// <summary>The values of the statement's parameters.</summary>
    public object?[] Values => (Peer, Resource) switch
    {
        (null, _) => [Owner, Low, High],
        (_, null) => [Owner, Low, High, Peer],
        _ => [Owner, Low, High, Peer, Resource],
    };

    /// <summary>Whether an entry lies in it.</summary>
    public bool Contains(StoredEntry entry) => entry.Number >= Low && entry.Number <= High && (Peer is null || entry.Peer == Peer) && (Peer is null || Resource is null || entry.Resource == Resource);

    /// <summary>Selects from it, in order.</summary>
    public Statement Select(DbConnection connection, string columns, bool isBackwards, int limit) => new(connection, Text(columns, isBackwards, limit), Parameters());

    /// <summary>Counts it, up to a limit.</summary>
    public Statement Count(DbConnection connection, int limit) => new(connection, $"SELECT COUNT(*) FROM ({Text("id", false, limit)}) AS matching", Parameters());

    // In both places, each bounded by itself; together in order.
    private string Text(string columns, bool isBackwards, int limit)
    {
        var order = $"ORDER BY id {(isBackwards ? "DESC" : "ASC")} LIMIT {limit}";
        var where = $"WHERE owner = @owner AND id >= @low AND id <= @high{(Peer is null ? "" : " AND peer = @peer")}{(Peer is null || Resource is null ? "" : " AND resource = @resource")} {order}";
        return $"SELECT * FROM (SELECT {columns} FROM archive_entries {where}) AS settled UNION ALL SELECT * FROM (SELECT {columns} FROM archive_log {where}) AS logged {order}";
    }

    private (string, DbType)[] Parameters()
    {
        List<(string, DbType)> parameters = [("@owner", DbType.Int64), ("@low", DbType.Int64), ("@high", DbType.Int64)];
        if (Peer is not null) parameters.Add(("@peer", DbType.Int64));
        if (Peer is not null && Resource is not null) parameters.Add(("@resource", DbType.String));
        return [.. parameters];
    }
}
