using Dapper;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PrivateXml;

/// <summary>Documents of accounts, each by its element's name and namespace.</summary>
internal sealed class DocumentStore(IPluginDatabase database, IOptionsMonitor<PrivateXmlOptions> options)
{
    // Wider than any stream's, so that what came in can be read back whatever the server's limits become.
    private static readonly XmlStreamLimits Limits = new() { StanzaBytes = 16 * 1024 * 1024, Depth = 512, Attributes = XmlStreamLimits.MostAttributes, NameBytes = 4096, Nodes = 1_000_000, Namespaces = 4096 };

    /// <summary>The tables, version by version.</summary>
    public static string[] Schema { get; } =
    [
        """
        CREATE TABLE privatexml_documents (
          account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
          namespace TEXT NOT NULL,
          element TEXT NOT NULL,
          document {blob} NOT NULL,
          PRIMARY KEY (account, namespace, element)) {clustered};
        """,
    ];

    /// <summary>A document; null if there is none.</summary>
    public async ValueTask<Element?> ReadAsync(Jid account, string ns, string element, CancellationToken ct)
    {
        var bytes = await database.ReadAsync(
            c => c.QueryFirstOrDefault<byte[]>("SELECT document FROM privatexml_documents WHERE account = @account AND namespace = @ns AND element = @element", new { account = account.Bare.ToString(), ns, element }), ct);
        return bytes is null ? null : Parse(bytes);
    }

    /// <summary>The names of an account's documents.</summary>
    public async ValueTask<IReadOnlyList<(string Namespace, string Element)>> NamesAsync(Jid account, CancellationToken ct) => await database.ReadAsync<IReadOnlyList<(string, string)>>(
        c => [.. c.Query<(string, string)>("SELECT namespace, element FROM privatexml_documents WHERE account = @account ORDER BY namespace, element", new { account = account.Bare.ToString() })], ct);

    /// <summary>Keeps documents, all or none; durable when this returns.</summary>
    /// <returns>False if one is too large, or there are too many.</returns>
    public async ValueTask<bool> WriteAsync(Jid account, IReadOnlyList<Element> documents, CancellationToken ct)
    {
        var limits = options.CurrentValue;
        var rows = documents.Select(d => new { account = account.Bare.ToString(), ns = d.Namespace, element = d.Name, document = XmlWriting.ToStandaloneUtf8(d) }).ToList();
        if (rows.Any(r => r.document.Length > limits.MaxBytes || Parse(r.document) is null)) return false;
        try
        {
            return await database.WriteAsync(c =>
            {
                foreach (var row in rows)
                {
                    c.Execute(
                        """
                        INSERT INTO privatexml_documents (account, namespace, element, document) VALUES (@account, @ns, @element, @document)
                        ON CONFLICT (account, namespace, element) DO UPDATE SET document = excluded.document
                        """, row);
                }

                var count = c.ExecuteScalar<long>("SELECT COUNT(*) FROM privatexml_documents WHERE account = @account", new { account = account.Bare.ToString() });
                return count <= limits.MaxDocuments ? true : throw new TooManyException();
            }, ct);
        }
        catch (TooManyException)
        {
            return false;
        }
    }

    private static Element? Parse(byte[] bytes) => XmlStreamParser.ForFrames(Limits).Advance(bytes, out _) is { Kind: XmlStreamEventKind.Element, Element: { } element } ? element.Freeze() : null;

    // Undoes what was written before the count was known.
    private sealed class TooManyException : Exception;
}
