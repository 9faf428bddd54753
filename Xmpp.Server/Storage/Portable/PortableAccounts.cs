using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>Makes accounts that come with keys of their own. One that is here stays as it is.</summary>
internal sealed class PortableAccounts(Database database, TimeProvider time)
{
    /// <summary>Adds an account; without keys it gets some that fit no password, since the hashes that a domain offers are those that all of its accounts have keys of.</summary>
    /// <returns>False if it was here.</returns>
    public async ValueTask<bool> AddAsync(Jid account, IReadOnlyList<(string Hash, ScramKeys Keys)> keys, CancellationToken ct)
    {
        var row = new { name = account.ToString(), domain = account.Domain, created = time.GetUtcNow().ToUnixTimeSeconds() };
        var given = keys.Count > 0 ? keys : [.. ScramHash.All.Select(h => (h.Name, FitsNone(h)))];
        return await database.WriteAsync(c =>
        {
            if (c.Execute("INSERT INTO accounts (account, domain, created) VALUES (@name, @domain, @created) ON CONFLICT DO NOTHING", row) == 0) return false;
            Write(c, row.name, given);
            return true;
        }, ct);
    }

    /// <summary>Gives an account that was just added without keys those that came later.</summary>
    public async ValueTask SetKeysAsync(Jid account, IReadOnlyList<(string Hash, ScramKeys Keys)> keys, CancellationToken ct)
    {
        var name = account.ToString();
        await database.WriteAsync(c =>
        {
            c.Execute("DELETE FROM credentials WHERE account = @name", new { name });
            Write(c, name, keys);
            return true;
        }, ct);
    }

    private static void Write(DbConnection connection, string name, IReadOnlyList<(string Hash, ScramKeys Keys)> keys)
    {
        foreach (var (hash, k) in keys)
        {
            connection.Execute(
                "INSERT INTO credentials (account, hash, salt, iterations, stored_key, server_key) VALUES (@name, @hash, @Salt, @Iterations, @StoredKey, @ServerKey) ON CONFLICT DO NOTHING",
                new { name, hash, k.Salt, k.Iterations, k.StoredKey, k.ServerKey });
        }
    }

    private static ScramKeys FitsNone(ScramHash hash) => new(
        RandomNumberGenerator.GetBytes(ScramKeyDerivation.SaltBytes), ScramKeyDerivation.DefaultIterations, RandomNumberGenerator.GetBytes(hash.Bytes), RandomNumberGenerator.GetBytes(hash.Bytes));
}
