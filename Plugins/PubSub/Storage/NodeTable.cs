using System.Data.Common;
using Dapper;
using Parley.Plugins.PubSub.Nodes;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.PubSub.Storage;

/// <summary>A node as it is kept.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Config">Its configuration.</param>
/// <param name="Created">When it was made.</param>
internal sealed record StoredNode(long Id, string Name, NodeConfig Config, DateTimeOffset Created);

/// <summary>The nodes of services.</summary>
internal static class NodeTable
{
    private const string Columns = "id AS Id, node AS Node, config AS Config, created AS Created";

    public static StoredNode? Find(DbConnection c, Jid service, string node) =>
        c.QueryFirstOrDefault<Row>($"SELECT {Columns} FROM pubsub_nodes WHERE service = @service AND node = @node", new { service = service.ToString(), node })?.ToNode();

    public static IReadOnlyList<StoredNode> All(DbConnection c, Jid service) =>
        [.. c.Query<Row>($"SELECT {Columns} FROM pubsub_nodes WHERE service = @service ORDER BY node", new { service = service.ToString() }).Select(r => r.ToNode())];

    /// <summary>The names of a service's nodes.</summary>
    public static IReadOnlyList<string> Names(DbConnection c, Jid service) =>
        [.. c.Query<string>("SELECT node FROM pubsub_nodes WHERE service = @service ORDER BY node", new { service = service.ToString() })];

    /// <summary>The nodes of an account that are emptied when it goes offline.</summary>
    public static IReadOnlyList<StoredNode> PurgedOffline(DbConnection c, Jid service) =>
        [.. c.Query<Row>($"SELECT {Columns} FROM pubsub_nodes WHERE service = @service AND purge_offline = 1", new { service = service.ToString() }).Select(r => r.ToNode())];

    /// <summary>How many nodes a service has, and how many bytes are in them; of one creator's, or (null) in all.</summary>
    public static (int Count, long Bytes) Totals(DbConnection c, Jid service, Jid? creator = null)
    {
        var parameters = new { service = service.ToString(), creator = creator?.Bare.ToString() };
        var which = creator is null ? "service = @service" : "service = @service AND creator = @creator";
        var count = c.ExecuteScalar<long>($"SELECT COUNT(*) FROM pubsub_nodes WHERE {which}", parameters);
        return ((int)count, c.ExecuteScalar<long>($"SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM pubsub_nodes WHERE {which}", parameters));
    }

    /// <summary>Who made a node; null where that is not known, or where it is an account's own.</summary>
    public static Jid? CreatorOf(DbConnection c, long id) => c.ExecuteScalar<string?>("SELECT creator FROM pubsub_nodes WHERE id = @id", new { id }) is { } creator ? Jid.Parse(creator) : null;

    /// <summary>The nodes of a component that somebody may read (<see cref="AccessRules.ToRead"/>), by name: those behind <paramref name="after"/>, or the last ones before <paramref name="before"/>.</summary>
    public static IReadOnlyList<StoredNode> Readable(DbConnection c, Jid service, Jid who, bool isAdmin, string after, string? before, int limit)
    {
        var parameters = Seen(service, who, isAdmin, after, before, limit);
        if (before is null) return [.. c.Query<Row>($"SELECT {Columns} FROM pubsub_nodes n WHERE {IsReadable} AND node > @after ORDER BY node LIMIT @limit", parameters).Select(r => r.ToNode())];
        return [.. c.Query<Row>($"SELECT {Columns} FROM pubsub_nodes n WHERE {IsReadable} AND (@before = '' OR node < @before) ORDER BY node DESC LIMIT @limit", parameters).Select(r => r.ToNode()).Reverse()];
    }

    /// <summary>How many of them there are, and how many stand before one.</summary>
    public static (int All, int Before) CountReadable(DbConnection c, Jid service, Jid who, bool isAdmin, string? before)
    {
        var parameters = Seen(service, who, isAdmin, "", before, 0);
        var all = c.ExecuteScalar<long>($"SELECT COUNT(*) FROM pubsub_nodes n WHERE {IsReadable}", parameters);
        return ((int)all, before is null ? 0 : (int)c.ExecuteScalar<long>($"SELECT COUNT(*) FROM pubsub_nodes n WHERE {IsReadable} AND node < @before", parameters));
    }

    private const string IsReadable = """
        service = @service AND (@admin = 1
          OR EXISTS (SELECT 1 FROM pubsub_affiliations a WHERE a.node_id = n.id AND a.jid = @who AND a.affiliation IN ('member', 'publisher', 'owner'))
          OR ((access = 'open' OR (access = 'authorize' AND EXISTS (SELECT 1 FROM pubsub_subscriptions s WHERE s.node_id = n.id AND s.bare = @who AND s.state = 'subscribed')))
            AND NOT EXISTS (SELECT 1 FROM pubsub_affiliations a WHERE a.node_id = n.id AND a.jid = @who AND a.affiliation IN ('outcast', 'publish-only'))))
        """;

    private static object Seen(Jid service, Jid who, bool isAdmin, string after, string? before, int limit) =>
        new { service = service.ToString(), who = who.Bare.ToString(), admin = isAdmin ? 1 : 0, after, before = before ?? "", limit };

    /// <summary>Makes a node that is not there yet.</summary>
    public static StoredNode Add(DbConnection c, Jid service, Jid? creator, string node, NodeConfig config, DateTimeOffset now)
    {
        var row = new
        {
            service = service.ToString(),
            node,
            account = creator is null ? service.ToString() : null,
            creator = creator?.Bare.ToString(),
            access = Terms.Spell(config.Access),
            config = StoredConfig.Write(config),
            purge = config.PurgeOffline ? 1 : 0,
            created = now.ToUnixTimeMilliseconds(),
        };
        var id = c.ExecuteScalar<long>(
            "INSERT INTO pubsub_nodes (service, node, account, creator, access, config, purge_offline, bytes, created) VALUES (@service, @node, @account, @creator, @access, @config, @purge, 0, @created) RETURNING id", row);
        return new StoredNode(id, node, config, now);
    }

    public static void Configure(DbConnection c, long id, NodeConfig config) => c.Execute(
        "UPDATE pubsub_nodes SET config = @config, access = @access, purge_offline = @purge WHERE id = @id",
        new { id, config = StoredConfig.Write(config), access = Terms.Spell(config.Access), purge = config.PurgeOffline ? 1 : 0 });

    public static void Remove(DbConnection c, long id) => c.Execute("DELETE FROM pubsub_nodes WHERE id = @id", new { id });

    private sealed class Row
    {
        public long Id { get; set; }

        public string Node { get; set; } = "";

        public string Config { get; set; } = "{}";

        public long Created { get; set; }

        public StoredNode ToNode() => new(Id, Node, StoredConfig.Read(Config), DateTimeOffset.FromUnixTimeMilliseconds(Created));
    }
}
