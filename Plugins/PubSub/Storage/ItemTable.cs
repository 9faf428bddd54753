using System.Data.Common;
using Dapper;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Storage;

/// <summary>An item as it is kept.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Payload">Its payload; null for none.</param>
/// <param name="Publisher">Who published it: a full address.</param>
/// <param name="Seq">Its place in the order of publication.</param>
/// <param name="Size">Bytes that it counts for.</param>
internal sealed record StoredItem(string Id, Element? Payload, Jid Publisher, long Seq, long Size);

/// <summary>The items of nodes, in the order of their last publication. What was published before <c>notBefore</c> (Unix milliseconds) is expired.</summary>
internal static class ItemTable
{
    private const string Columns = "item AS Item, payload AS Payload, publisher AS Publisher, seq AS Seq, size AS Size";

    public static StoredItem? Find(DbConnection c, long node, string item, long notBefore) =>
        Read(c, "item = @item", new { node, item, notBefore }) is [var one] ? one : null;

    /// <summary>The newest items below one, newest first.</summary>
    public static IReadOnlyList<StoredItem> Newest(DbConnection c, long node, int limit, long notBefore, long below = long.MaxValue, int skip = 0) =>
        Read(c, "seq < @below ORDER BY seq DESC LIMIT @limit OFFSET @skip", new { node, limit, notBefore, below, skip });

    /// <summary>The items that come next above one, oldest first.</summary>
    public static IReadOnlyList<StoredItem> Above(DbConnection c, long node, int limit, long notBefore, long above) =>
        Read(c, "seq > @above ORDER BY seq LIMIT @limit", new { node, limit, notBefore, above });

    /// <summary>The names of all items, newest first.</summary>
    public static IReadOnlyList<string> Names(DbConnection c, long node, long notBefore) =>
        [.. c.Query<string>("SELECT item FROM pubsub_items WHERE node_id = @node AND published >= @notBefore ORDER BY seq DESC", new { node, notBefore })];

    /// <summary>How many items are newer than one; without one, all.</summary>
    public static int Count(DbConnection c, long node, long notBefore, long than = 0) =>
        (int)c.ExecuteScalar<long>("SELECT COUNT(*) FROM pubsub_items WHERE node_id = @node AND published >= @notBefore AND seq > @than", new { node, notBefore, than });

    /// <summary>Adds an item as the newest, or moves one of that name there.</summary>
    public static void Put(DbConnection c, long node, string item, byte[]? payload, Jid publisher, DateTimeOffset now)
    {
        var row = new { node, item, publisher = publisher.ToString(), published = now.ToUnixTimeMilliseconds(), size = (long)(payload?.Length ?? 0) + item.Length, payload };
        c.Execute(
            """
            INSERT INTO pubsub_items (node_id, item, seq, publisher, published, size, payload)
            VALUES (@node, @item, (SELECT COALESCE(MAX(seq), 0) + 1 FROM pubsub_items WHERE node_id = @node), @publisher, @published, @size, @payload)
            ON CONFLICT (node_id, item) DO UPDATE SET seq = excluded.seq, publisher = excluded.publisher, published = excluded.published, size = excluded.size, payload = excluded.payload
            """, row);
    }

    public static bool Remove(DbConnection c, long node, string item) => c.Execute("DELETE FROM pubsub_items WHERE node_id = @node AND item = @item", new { node, item }) > 0;

    public static int RemoveAll(DbConnection c, long node) => c.Execute("DELETE FROM pubsub_items WHERE node_id = @node", new { node });

    /// <summary>Forgets what is expired, and all but the newest.</summary>
    public static void Trim(DbConnection c, long node, int keep, long notBefore)
    {
        c.Execute("DELETE FROM pubsub_items WHERE node_id = @node AND published < @notBefore", new { node, notBefore });
        var last = c.ExecuteScalar<long?>("SELECT seq FROM pubsub_items WHERE node_id = @node ORDER BY seq DESC LIMIT 1 OFFSET @keep", new { node, keep });
        if (last is not null) c.Execute("DELETE FROM pubsub_items WHERE node_id = @node AND seq <= @last", new { node, last });
    }

    /// <summary>Writes down how many bytes a node has now.</summary>
    public static void Weigh(DbConnection c, long node) =>
        c.Execute("UPDATE pubsub_nodes SET bytes = (SELECT COALESCE(SUM(size), 0) FROM pubsub_items WHERE node_id = @node) WHERE id = @node", new { node });

    private static IReadOnlyList<StoredItem> Read(DbConnection c, string which, object parameters) =>
        [.. c.Query<Row>($"SELECT {Columns} FROM pubsub_items WHERE node_id = @node AND published >= @notBefore AND {which}", parameters).Select(r => r.ToItem())];

    private sealed class Row
    {
        public string Item { get; set; } = "";

        public byte[]? Payload { get; set; }

        public string Publisher { get; set; } = "";

        public long Seq { get; set; }

        public long Size { get; set; }

        public StoredItem ToItem() => new(Item, Payload is null ? null : StoredPayload.Read(Payload), Jid.Parse(Publisher), Seq, Size);
    }
}
