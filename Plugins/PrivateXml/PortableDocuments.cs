using System.Runtime.CompilerServices;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PrivateXml;

/// <summary>Private documents in portable files (XEP-0227 section 4.6).</summary>
internal sealed class PortableDocuments(DocumentStore store) : IPortableData
{
    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [new("query", PrivateXml.Namespace, IsList: true)];

    /// <inheritdoc/>
    public async IAsyncEnumerable<Element> ExportAsync(Jid account, PortableElement element, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var (ns, name) in await store.NamesAsync(account, ct))
        {
            if (await store.ReadAsync(account, ns, name, ct) is { } document) yield return document;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ImportAsync(Jid account, PortableElement element, IReadOnlyList<Element> pieces, CancellationToken ct)
    {
        var there = (await store.NamesAsync(account, ct)).ToHashSet();
        Element[] added = [.. pieces.Where(p => !there.Contains((p.Namespace, p.Name)))];
        if (!await store.WriteAsync(account, added, ct)) throw new FormatException("a private document is larger, or there are more, than Plugins:PrivateXml permits");
        return added.Length;
    }
}
