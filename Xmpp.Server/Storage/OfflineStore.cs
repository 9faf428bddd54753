using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Offline messages in the database.</summary>
internal sealed class OfflineStore(Database database, KeptMessages kept) : IOfflineStore
{
    /// <summary>The most messages kept for one account.</summary>
    public const int MaxPerAccount = 1000;

    /// <summary>The most bytes kept for one account.</summary>
    public const int MaxBytesPerAccount = 8 * 1024 * 1024;

    private const string Insert =
        """
        INSERT INTO offline (account, received, stanza)
        SELECT account, @received, @stanza FROM accounts WHERE account = @account
        AND (SELECT COUNT(*) < @count AND COALESCE(SUM(LENGTH(stanza)), 0) + LENGTH(@stanza) <= @bytes FROM offline WHERE account = @account)
        """;

    /// <inheritdoc/>
    public async ValueTask<bool> AddAsync(Jid account, Message message, DateTimeOffset received, CancellationToken ct = default)
    {
        var row = new
        {
            account = account.Bare.ToString(),
            received = received.ToUnixTimeMilliseconds(),
            stanza = StoredXml.Write(message.Element),
            count = MaxPerAccount,
            bytes = MaxBytesPerAccount,
        };
        // One that no client acknowledged leaves the queue on the disk by the same commit, so that it is in one of the two, whenever the server dies.
        var former = kept.Find(message);
        var isAdded = await database.WriteAsync(c =>
        {
            if (c.Execute(Insert, row) == 0) return false;
            if (former is not null && kept.NumberOf(former) is not 0 and var number) c.Execute(UnacknowledgedStore.Removal, new { id = number });
            return true;
        }, ct);
        if (isAdded) former?.Stored();
        return isAdded;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<(long Id, Message Message, DateTimeOffset Received)>> ReadAsync(Jid account, int limit, long after = 0, CancellationToken ct = default) =>
        database.ReadAsync<IReadOnlyList<(long, Message, DateTimeOffset)>>(c =>
            [.. c.Query<(long Id, long Received, byte[] Stanza)>("SELECT id, received, stanza FROM offline WHERE account = @account AND id > @after ORDER BY id LIMIT @limit", new { account = account.Bare.ToString(), limit, after })
                .Select(r => (r.Id, new Message(StoredXml.Read(r.Stanza)), DateTimeOffset.FromUnixTimeMilliseconds(r.Received)))], ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(Jid account, IReadOnlyList<long> ids, CancellationToken ct = default) =>
        await database.WriteAsync(c => c.Execute("DELETE FROM offline WHERE account = @account AND id = @id", ids.Select(id => new { account = account.Bare.ToString(), id })), ct);
}
