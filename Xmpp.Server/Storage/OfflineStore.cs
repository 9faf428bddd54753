using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Offline messages in the database.</summary>
internal sealed class OfflineStore(Database database) : IOfflineStore
{
    /// <summary>The most messages kept for one account.</summary>
    public const int MaxPerAccount = 1000;

    /// <summary>The most bytes kept for one account.</summary>
    public const int MaxBytesPerAccount = 8 * 1024 * 1024;

    /// <inheritdoc/>
    public ValueTask<bool> AddAsync(Jid account, Message message, DateTimeOffset received, CancellationToken ct = default)
    {
        var row = new
        {
            account = account.Bare.ToString(),
            received = received.ToUnixTimeMilliseconds(),
            stanza = StoredXml.Write(message.Element),
            count = MaxPerAccount,
            bytes = MaxBytesPerAccount,
        };
        return database.WriteAsync(c => c.Execute(
            """
            INSERT INTO offline (account, received, stanza)
            SELECT account, @received, @stanza FROM accounts WHERE account = @account
            AND (SELECT COUNT(*) < @count AND COALESCE(SUM(LENGTH(stanza)), 0) + LENGTH(@stanza) <= @bytes FROM offline WHERE account = @account)
            """, row) > 0, ct);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<(long Id, Message Message, DateTimeOffset Received)>> ReadAsync(Jid account, int limit, CancellationToken ct = default) =>
        new(database.Read<IReadOnlyList<(long, Message, DateTimeOffset)>>(c =>
            [.. c.Query<(long Id, long Received, byte[] Stanza)>("SELECT id, received, stanza FROM offline WHERE account = @account ORDER BY id LIMIT @limit", new { account = account.Bare.ToString(), limit })
                .Select(r => (r.Id, new Message(StoredXml.Read(r.Stanza)), DateTimeOffset.FromUnixTimeMilliseconds(r.Received)))]));

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(Jid account, IReadOnlyList<long> ids, CancellationToken ct = default) =>
        await database.WriteAsync(c => c.Execute("DELETE FROM offline WHERE account = @account AND id = @id", ids.Select(id => new { account = account.Bare.ToString(), id })), ct);
}
