using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Documents of accounts in the database.</summary>
internal sealed class PrivateStore(Database database) : IPrivateStore
{
    /// <inheritdoc/>
    public async ValueTask<Element?> ReadAsync(Jid account, string name, CancellationToken ct = default)
    {
        var bytes = await database.ReadAsync(c => c.QueryFirstOrDefault<byte[]>("SELECT document FROM documents WHERE account = @account AND name = @name", new { account = account.Bare.ToString(), name }), ct);
        return bytes is null ? null : StoredXml.Read(bytes);
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(Jid account, string name, Element? document, CancellationToken ct = default)
    {
        var row = new { account = account.Bare.ToString(), name, document = document is null ? null : StoredXml.Write(document) };
        await database.WriteAsync(c => document is null
            ? c.Execute("DELETE FROM documents WHERE account = @account AND name = @name", row)
            : c.Execute("INSERT INTO documents (account, name, document) SELECT account, @name, @document FROM accounts WHERE account = @account ON CONFLICT (account, name) DO UPDATE SET document = excluded.document", row), ct);
    }
}
