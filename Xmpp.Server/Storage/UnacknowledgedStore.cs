using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Unacknowledged messages in the database.</summary>
internal sealed class UnacknowledgedStore(Database database) : IUnacknowledgedStore, IDisposable
{
    /// <summary>The statement that removes one, <c>@id</c>, for whoever takes it over.</summary>
    public const string Removal = "DELETE FROM unacknowledged WHERE id = @id";

    // By the connection that the database writes with: one, until it is opened anew.
    private readonly ConditionalWeakTable<DbConnection, UnacknowledgedWriter> _writers = [];

    /// <inheritdoc/>
    public ValueTask<long> FindLastAsync(CancellationToken ct) => database.ReadAsync(c => c.ExecuteScalar<long?>("SELECT MAX(id) FROM unacknowledged") ?? 0, ct);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<UnacknowledgedMessage>> ReadAsync(long after, int limit, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<UnacknowledgedMessage>>(c =>
            [.. c.Query<(long Id, string Account, long Received, byte[] Stanza)>("SELECT id, account, received, stanza FROM unacknowledged WHERE id > @after ORDER BY id LIMIT @limit", new { after, limit })
                .Select(r => new UnacknowledgedMessage(r.Id, Jid.Parse(r.Account), new Message(StoredXml.Read(r.Stanza)), DateTimeOffset.FromUnixTimeMilliseconds(r.Received)))], ct);

    /// <inheritdoc/>
    public async ValueTask ChangeAsync(IReadOnlyList<UnacknowledgedMessage> added, IReadOnlyList<long> removed, CancellationToken ct)
    {
        object[][] rows = [.. added.Select(a => (object[])[a.Id, a.Account.ToString(), a.Received.ToUnixTimeMilliseconds(), StoredXml.Write(a.Message.Element)])];
        await database.WriteAsync(this, c =>
        {
            var writer = _writers.GetValue(c, static c => new UnacknowledgedWriter(c));
            writer.Add(rows);
            writer.Remove(removed);
            return true;
        }, ct);
    }

    public void Dispose()
    {
        foreach (var (_, writer) in _writers) writer.Dispose();
    }
}
