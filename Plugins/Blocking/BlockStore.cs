using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Blocking;

/// <summary>Block lists and reports in the database.</summary>
internal sealed class BlockStore(IPluginDatabase database)
{
    // Reports are for people to read; what nobody read in time makes room.
    private const int ReportsKept = 10_000;
    private static readonly TimeSpan ReportsLast = TimeSpan.FromDays(90);

    /// <summary>The schema.</summary>
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE blocking_items (
            account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
            jid TEXT NOT NULL,
            PRIMARY KEY (account, jid)) {clustered}
        """,
        """
        CREATE TABLE blocking_reports (
            number {id},
            account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
            jid TEXT NOT NULL,
            reason TEXT NOT NULL,
            body TEXT NOT NULL,
            stanza_ids TEXT NOT NULL,
            received BIGINT NOT NULL)
        """,
        "CREATE INDEX blocking_reports_by_account ON blocking_reports (account, received)",
    ];

    /// <summary>Whom an account blocks.</summary>
    public async ValueTask<BlockList> ReadAsync(Jid account, CancellationToken ct)
    {
        var items = await database.ReadAsync(c => c.Query<string>("SELECT jid FROM blocking_items WHERE account = @account", new { account = account.ToString() }).AsList(), ct);
        return items.Count == 0 ? BlockList.Empty : new BlockList(items.Select(Jid.Parse));
    }

    /// <summary>Adds addresses.</summary>
    public async ValueTask AddAsync(Jid account, IReadOnlyList<Jid> added, CancellationToken ct) => await database.WriteAsync(c =>
    {
        foreach (var jid in added) c.Execute("INSERT INTO blocking_items (account, jid) VALUES (@account, @jid) ON CONFLICT DO NOTHING", Row(account, jid));
        return 0;
    }, ct);

    /// <summary>Removes addresses.</summary>
    public async ValueTask RemoveAsync(Jid account, IReadOnlyList<Jid> removed, CancellationToken ct) => await database.WriteAsync(c =>
    {
        foreach (var jid in removed) c.Execute("DELETE FROM blocking_items WHERE account = @account AND jid = @jid", Row(account, jid));
        return 0;
    }, ct);

    /// <summary>Keeps a report; false if the account has made as many as it may in 24 hours.</summary>
    public async ValueTask<bool> AddAsync(Jid account, Jid jid, Report report, int perDay, DateTimeOffset now, CancellationToken ct) => await database.WriteAsync(c =>
    {
        var since = now.AddDays(-1).ToUnixTimeMilliseconds();
        if (c.ExecuteScalar<long>("SELECT COUNT(*) FROM blocking_reports WHERE account = @account AND received > @since", new { account = account.ToString(), since }) >= perDay) return false;
        var number = c.ExecuteScalar<long>(
            "INSERT INTO blocking_reports (account, jid, reason, body, stanza_ids, received) VALUES (@account, @jid, @reason, @body, @ids, @received) RETURNING number",
            new { account = account.ToString(), jid = jid.ToString(), reason = report.Reason, body = report.Text, ids = string.Join(' ', report.StanzaIds), received = now.ToUnixTimeMilliseconds() });
        c.Execute("DELETE FROM blocking_reports WHERE number <= @oldest OR received < @before",
            new { oldest = number - ReportsKept, before = (now - ReportsLast).ToUnixTimeMilliseconds() });
        return true;
    }, ct);

    private static object Row(Jid account, Jid jid) => new { account = account.ToString(), jid = jid.ToString() };
}
