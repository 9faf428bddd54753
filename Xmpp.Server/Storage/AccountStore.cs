using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Accounts and their keys, as the running server reads them.</summary>
internal sealed class AccountStore(Database database) : IAccountStore, ICredentialStore
{
    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(Jid bare, CancellationToken ct = default) =>
        new(database.Read(c => c.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM accounts WHERE account = @account)", new { account = bare.Bare.ToString() })));

    /// <inheritdoc/>
    public ValueTask<ScramKeys?> FindAsync(Jid account, string hash, CancellationToken ct = default)
    {
        var row = database.Read(c => c.QueryFirstOrDefault<Row>(
            "SELECT salt AS Salt, iterations AS Iterations, stored_key AS StoredKey, server_key AS ServerKey FROM credentials WHERE account = @account AND hash = @hash",
            new { account = account.Bare.ToString(), hash }));
        return new(row is null ? null : new ScramKeys(row.Salt, row.Iterations, row.StoredKey, row.ServerKey));
    }

    private sealed class Row
    {
        public byte[] Salt { get; set; } = [];

        public int Iterations { get; set; }

        public byte[] StoredKey { get; set; } = [];

        public byte[] ServerKey { get; set; } = [];
    }
}
