using System.Text;
using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Push;

/// <summary>Registrations in the database.</summary>
internal sealed class RegistrationStore(IPluginDatabase database)
{
    /// <summary>The schema.</summary>
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE push_registrations (
            account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
            service TEXT NOT NULL,
            node TEXT NOT NULL,
            options TEXT,
            enabled BIGINT NOT NULL,
            PRIMARY KEY (account, service, node)) {clustered}
        """,
    ];

    /// <summary>An account's registrations.</summary>
    public async ValueTask<IReadOnlyList<Registration>> ReadAsync(Jid account, CancellationToken ct)
    {
        var rows = await database.ReadAsync(c => c.Query<Row>("SELECT service AS Service, node AS Node, options AS Options FROM push_registrations WHERE account = @account ORDER BY enabled", new { account = account.ToString() }).AsList(), ct);
        return [.. rows.Select(r => new Registration(account, Jid.Parse(r.Service), r.Node, r.Options is null ? null : Parse(r.Options)))];
    }

    /// <summary>Adds or renews one; the oldest go where there are more than <paramref name="max"/>.</summary>
    public async ValueTask AddAsync(Registration registration, int max, DateTimeOffset now, CancellationToken ct) => await database.WriteAsync(c =>
    {
        var account = registration.Account.ToString();
        c.Execute(
            """
            INSERT INTO push_registrations (account, service, node, options, enabled) VALUES (@account, @service, @node, @options, @enabled)
            ON CONFLICT (account, service, node) DO UPDATE SET options = excluded.options, enabled = excluded.enabled
            """,
            new { account, service = registration.Service.ToString(), node = registration.Node, options = registration.Options?.ToString(), enabled = now.ToUnixTimeMilliseconds() });
        foreach (var old in c.Query<Row>("SELECT service AS Service, node AS Node FROM push_registrations WHERE account = @account ORDER BY enabled DESC LIMIT 1000 OFFSET @max", new { account, max }).AsList())
        {
            c.Execute("DELETE FROM push_registrations WHERE account = @account AND service = @Service AND node = @Node", new { account, old.Service, old.Node });
        }

        return 0;
    }, ct);

    /// <summary>Removes one, or (no node) all of a service.</summary>
    public async ValueTask RemoveAsync(Jid account, Jid service, string? node, CancellationToken ct) => await database.WriteAsync(c => c.Execute(
        "DELETE FROM push_registrations WHERE account = @account AND service = @service" + (node is null ? "" : " AND node = @node"), new { account = account.ToString(), service = service.ToString(), node }), ct);

    private static Element Parse(string xml) => XmlStreamParser.ForFrames(new XmlStreamLimits()).Advance(Encoding.UTF8.GetBytes(xml), out _).Element!;

    private sealed class Row
    {
        public string Service { get; init; } = "";

        public string Node { get; init; } = "";

        public string? Options { get; init; }
    }
}
