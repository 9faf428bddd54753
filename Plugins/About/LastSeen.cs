using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.About;

/// <summary>When accounts left last, and what they said then.</summary>
internal sealed class LastSeen(IPluginDatabase database)
{
    /// <summary>The longest status text kept, in UTF-16 code units.</summary>
    public const int MaxStatus = 1024;

    /// <summary>The schema.</summary>
    public static readonly string[] Steps =
        ["CREATE TABLE about_last (account TEXT PRIMARY KEY REFERENCES accounts (account) ON DELETE CASCADE, left_at BIGINT NOT NULL, status TEXT NOT NULL) {clustered}"];

    /// <summary>An account left. One that is being removed is not noted.</summary>
    public async ValueTask WriteAsync(Jid account, DateTimeOffset at, string status, CancellationToken ct) => await database.WriteAsync(c => c.Execute(
        """
        INSERT INTO about_last (account, left_at, status) SELECT account, @at, @status FROM accounts WHERE account = @account
        ON CONFLICT (account) DO UPDATE SET left_at = excluded.left_at, status = excluded.status
        """,
        new { account = account.ToString(), at = at.ToUnixTimeMilliseconds(), status = Cut(status) }), ct);

    /// <summary>When an account left last; null if it was never here.</summary>
    public async ValueTask<(DateTimeOffset At, string Status)?> ReadAsync(Jid account, CancellationToken ct)
    {
        var row = await database.ReadAsync(c => c.QueryFirstOrDefault<Row>("SELECT left_at AS LeftAt, status AS Status FROM about_last WHERE account = @account", new { account = account.ToString() }), ct);
        return row is null ? null : (DateTimeOffset.FromUnixTimeMilliseconds(row.LeftAt), row.Status);
    }

    // Never between the two halves of a character: half of one is no text, and no database or stream takes it.
    private static string Cut(string status) => status.Length <= MaxStatus ? status : status[..(char.IsHighSurrogate(status[MaxStatus - 1]) ? MaxStatus - 1 : MaxStatus)];

    private sealed class Row
    {
        public long LeftAt { get; init; }

        public string Status { get; init; } = "";
    }
}
