using System.Data.Common;
using Dapper;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Adds, removes and lists accounts. Each change that must end sessions leaves a line that <see cref="AccountWatcher"/> of the running server finds.</summary>
internal sealed class AccountAdministration(Database database, TimeProvider time) : IAccountAdministration
{
    private const int KeptChanges = 10_000;

    /// <inheritdoc/>
    public async ValueTask<bool> AddAsync(Jid account, string password, CancellationToken ct = default)
    {
        var name = NameOf(account);
        var keys = Derive(password);
        var created = time.GetUtcNow().ToUnixTimeSeconds();
        return await database.WriteAsync(c =>
        {
            if (c.Execute("INSERT INTO accounts (account, domain, created) VALUES (@name, @domain, @created) ON CONFLICT DO NOTHING", new { name, domain = account.Domain, created }) == 0) return false;
            WriteKeys(c, name, keys);
            return true;
        }, ct);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(Jid account, CancellationToken ct = default)
    {
        var name = NameOf(account);
        return database.WriteAsync(c =>
        {
            if (c.Execute("DELETE FROM accounts WHERE account = @name", new { name }) == 0) return false;
            NoteChange(c, name, isRemoval: true);
            return true;
        }, ct);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> SetPasswordAsync(Jid account, string password, CancellationToken ct = default)
    {
        var name = NameOf(account);
        var keys = Derive(password);
        return await database.WriteAsync(c =>
        {
            if (!c.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM accounts WHERE account = @name)", new { name })) return false;
            WriteKeys(c, name, keys);
            // Whoever has the old password may have got tokens by it.
            c.Execute("DELETE FROM client_tokens WHERE account = @name", new { name });
            NoteChange(c, name, isRemoval: false);
            return true;
        }, ct);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Jid>> ListAsync(string? domain = null, CancellationToken ct = default) =>
        database.ReadAsync<IReadOnlyList<Jid>>(c => [.. c.Query<string>("SELECT account FROM accounts WHERE @domain IS NULL OR domain = @domain ORDER BY domain, account", new { domain }).Select(Jid.Parse)], ct);

    private static string NameOf(Jid account) => account.Local is not null && account.IsBare ? account.ToString() : throw new ArgumentException("An account is named by its bare address, user@domain.", nameof(account));

    private static (string Hash, ScramKeys Keys)[] Derive(string password) => [.. ScramHash.All.Select(hash => (hash.Name, ScramKeys.Of(hash, password)))];

    private static void WriteKeys(DbConnection connection, string name, (string Hash, ScramKeys Keys)[] keys)
    {
        foreach (var (hash, k) in keys)
        {
            connection.Execute(
                """
                INSERT INTO credentials (account, hash, salt, iterations, stored_key, server_key) VALUES (@name, @hash, @Salt, @Iterations, @StoredKey, @ServerKey)
                ON CONFLICT (account, hash) DO UPDATE SET salt = excluded.salt, iterations = excluded.iterations, stored_key = excluded.stored_key, server_key = excluded.server_key
                """,
                new { name, hash, k.Salt, k.Iterations, k.StoredKey, k.ServerKey });
        }
    }

    private static void NoteChange(DbConnection connection, string name, bool isRemoval)
    {
        connection.Execute("INSERT INTO account_changes (account, is_removal) VALUES (@name, @removal)", new { name, removal = isRemoval ? 1 : 0 });
        connection.Execute("DELETE FROM account_changes WHERE id <= (SELECT MAX(id) FROM account_changes) - @kept", new { kept = KeptChanges });
    }
}
