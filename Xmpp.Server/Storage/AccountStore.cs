using System.Collections.Concurrent;
using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Accounts and their keys, as the running server reads them.</summary>
internal sealed class AccountStore(Database database, TimeProvider time) : IAccountStore, ICredentialStore
{
    /// <summary>For how long an answer of <see cref="HashesOf"/> counts: the command line adds accounts beside the running server.</summary>
    public static readonly TimeSpan HashesCount = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, (IReadOnlyList<ScramHash> Hashes, long Since)> _hashes = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(Jid bare, CancellationToken ct = default) =>
        database.ReadAsync(c => c.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM accounts WHERE account = @account)", new { account = bare.Bare.ToString() }), ct);

    /// <inheritdoc/>
    public async ValueTask<ScramKeys?> FindAsync(Jid account, string? hash, CancellationToken ct = default)
    {
        var row = await database.ReadAsync(c => c.QueryFirstOrDefault<Row>(
            """
            SELECT salt AS Salt, iterations AS Iterations, stored_key AS StoredKey, server_key AS ServerKey,
              (SELECT COALESCE(MAX(id), 0) FROM account_changes h WHERE h.account = @account) AS Change FROM credentials
            WHERE account = @account AND (@hash IS NULL OR hash = @hash) ORDER BY LENGTH(stored_key) DESC LIMIT 1
            """,
            new { account = account.Bare.ToString(), hash }), ct);
        return row is null ? null : new ScramKeys(row.Salt, row.Iterations, row.StoredKey, row.ServerKey) { Change = row.Change };
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScramHash> HashesOf(string domain)
    {
        if (_hashes.TryGetValue(domain, out var known) && time.GetElapsedTime(known.Since) < HashesCount) return known.Hashes;
        // Stamped before it is read, so that what is written meanwhile is seen no later than the next time.
        var since = time.GetTimestamp();
        IReadOnlyList<ScramHash> hashes = database.ReadNow(c => ScramHash.All.Where(h => !c.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM accounts a WHERE a.domain = @domain AND NOT EXISTS (SELECT 1 FROM credentials k WHERE k.account = a.account AND k.hash = @hash))",
            new { domain, hash = h.Name })).ToArray());
        _hashes[domain] = (hashes, since);
        return hashes;
    }

    /// <inheritdoc/>
    public async ValueTask<int> CompleteAsync(Jid account, string password, ScramKeys proven, CancellationToken ct = default)
    {
        var name = account.Bare.ToString();
        var has = await database.ReadAsync(c => c.Query<string>("SELECT hash FROM credentials WHERE account = @name", new { name }).ToHashSet(), ct);
        var missing = ScramHash.All.Where(h => !has.Contains(h.Name)).ToArray();
        if (missing.Length == 0) return 0;
        var keys = missing.Select(h => (h.Name, Keys: ScramKeys.Of(h, password))).ToArray();
        var proof = ScramHash.OfKey(proven.StoredKey).Name;
        var made = await database.WriteAsync(c => keys.Sum(k => c.Execute(
            """
            INSERT INTO credentials (account, hash, salt, iterations, stored_key, server_key)
            SELECT account, @hash, @Salt, @Iterations, @StoredKey, @ServerKey FROM credentials WHERE account = @name AND hash = @proof AND stored_key = @proven
            ON CONFLICT (account, hash) DO NOTHING
            """,
            new { name, proof, proven = proven.StoredKey, hash = k.Name, k.Keys.Salt, k.Keys.Iterations, k.Keys.StoredKey, k.Keys.ServerKey })), ct);
        // It may have been the last.
        _hashes.TryRemove(account.Domain, out _);
        return made;
    }

    private sealed class Row
    {
        public byte[] Salt { get; set; } = [];

        public int Iterations { get; set; }

        public byte[] StoredKey { get; set; } = [];

        public byte[] ServerKey { get; set; } = [];

        public long Change { get; set; }
    }
}
