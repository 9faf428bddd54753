using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.VCard;

/// <summary>vCards in portable files (XEP-0227 section 4.7).</summary>
internal sealed class VCardPortableData(IPrivateStore store, IOptionsMonitor<VCardOptions> options) : IPortableData
{
    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [new("vCard", Ns.VCard, IsList: false)];

    /// <inheritdoc/>
    public async IAsyncEnumerable<Element> ExportAsync(Jid account, PortableElement element, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await store.ReadAsync(account, Ns.VCard, ct) is { } card) yield return card;
    }

    /// <inheritdoc/>
    public async ValueTask<int> ImportAsync(Jid account, PortableElement element, IReadOnlyList<Element> pieces, CancellationToken ct)
    {
        var (card, max) = (pieces[^1], options.CurrentValue.MaxBytes);
        if (await store.ReadAsync(account, Ns.VCard, ct) is not null) return 0;
        if (card.ToUtf8().Length > max) throw new FormatException($"the vCard has {card.ToUtf8().Length} bytes; Plugins:VCard:MaxBytes permits {max}");
        await store.WriteAsync(account, Ns.VCard, card, ct);
        return 1;
    }
}
