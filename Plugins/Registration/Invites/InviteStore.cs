using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Registration.Invites;

/// <summary>Open invitations, in the database.</summary>
internal sealed class InviteStore(IPluginDatabase database)
{
    // Of the operator's, who has no account to count by.
    private const int MostOfOperator = 10_000;
    private const string Columns = "key AS Key, domain AS Domain, inviter AS Inviter, made_by AS MadeBy, username AS Username, expires AS Expires";

    /// <summary>The schema.</summary>
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE registration_invites (
            key TEXT PRIMARY KEY,
            domain TEXT NOT NULL,
            inviter TEXT REFERENCES accounts (account) ON DELETE CASCADE,
            username TEXT,
            expires BIGINT NOT NULL)
        """,
        "CREATE INDEX registration_invites_by_inviter ON registration_invites (inviter)",
        "ALTER TABLE registration_invites ADD COLUMN made_by TEXT REFERENCES accounts (account) ON DELETE CASCADE",
        "UPDATE registration_invites SET made_by = inviter",
        "CREATE INDEX registration_invites_by_maker ON registration_invites (made_by)",
    ];

    /// <summary>Adds one; false if who made it has as many open as it may. Those that are over go.</summary>
    public ValueTask<bool> AddAsync(Invite invite, int max, DateTimeOffset now, CancellationToken ct) => database.WriteAsync(c =>
    {
        c.Execute("DELETE FROM registration_invites WHERE expires <= @now", new { now = now.ToUnixTimeMilliseconds() });
        var open = invite.MadeBy is { } account
            ? c.ExecuteScalar<long>("SELECT COUNT(*) FROM registration_invites WHERE made_by = @account", new { account = account.ToString() })
            : c.ExecuteScalar<long>("SELECT COUNT(*) FROM registration_invites WHERE made_by IS NULL");
        if (open >= (invite.MadeBy is null ? MostOfOperator : max)) return false;
        c.Execute("INSERT INTO registration_invites (key, domain, inviter, made_by, username, expires) VALUES (@Key, @Domain, @Inviter, @MadeBy, @Username, @Expires)", Row.Of(invite));
        return true;
    }, ct);

    /// <summary>An invitation that has not expired.</summary>
    public async ValueTask<Invite?> FindAsync(string key, DateTimeOffset now, CancellationToken ct) => (await database.ReadAsync(c =>
        c.QueryFirstOrDefault<Row>($"SELECT {Columns} FROM registration_invites WHERE key = @key AND expires > @now", new { key, now = now.ToUnixTimeMilliseconds() }), ct))?.ToInvite();

    /// <summary>Uses one up; false if somebody else has.</summary>
    public ValueTask<bool> TakeAsync(string key, CancellationToken ct) => database.WriteAsync(c => c.Execute("DELETE FROM registration_invites WHERE key = @key", new { key }) == 1, ct);

    /// <summary>Gives one back: nothing came of it.</summary>
    public async ValueTask ReturnAsync(Invite invite) => await database.WriteAsync(c =>
        c.Execute("INSERT INTO registration_invites (key, domain, inviter, made_by, username, expires) VALUES (@Key, @Domain, @Inviter, @MadeBy, @Username, @Expires) ON CONFLICT DO NOTHING", Row.Of(invite)), CancellationToken.None);

    /// <summary>Whether a name is kept for somebody who is invited by another invitation (XEP-0445 section 6).</summary>
    public ValueTask<bool> IsReservedAsync(Jid account, string? butFor, DateTimeOffset now, CancellationToken ct) => database.ReadAsync(c =>
        c.ExecuteScalar<long>("SELECT COUNT(*) FROM registration_invites WHERE domain = @Domain AND username = @Local AND expires > @now AND key <> @butFor",
            new { account.Domain, account.Local, now = now.ToUnixTimeMilliseconds(), butFor = butFor ?? "" }) > 0, ct);

    private sealed class Row
    {
        public string Key { get; init; } = "";

        public string Domain { get; init; } = "";

        public string? Inviter { get; init; }

        public string? MadeBy { get; init; }

        public string? Username { get; init; }

        public long Expires { get; init; }

        public static Row Of(Invite invite) => new() { Key = invite.Key, Domain = invite.Domain, Inviter = invite.Inviter?.ToString(), MadeBy = invite.MadeBy?.ToString(), Username = invite.User, Expires = invite.Expires.ToUnixTimeMilliseconds() };

        public Invite ToInvite() => new(Key, Domain, Inviter is null ? null : Jid.Parse(Inviter), MadeBy is null ? null : Jid.Parse(MadeBy), Username, DateTimeOffset.FromUnixTimeMilliseconds(Expires));
    }
}
