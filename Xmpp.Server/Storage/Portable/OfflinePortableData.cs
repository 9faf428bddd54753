using System.Runtime.CompilerServices;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>Offline messages (XEP-0227 section 4.5), each with its stamp of when it came.</summary>
internal sealed class OfflinePortableData(IOfflineStore offline, TimeProvider time) : IPortableData
{
    private const int PageSize = 100;

    /// <inheritdoc/>
    public IReadOnlyList<PortableElement> Elements { get; } = [new("offline-messages", PortableNames.Pie, IsList: true)];

    /// <inheritdoc/>
    public async IAsyncEnumerable<Element> ExportAsync(Jid account, PortableElement element, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var (message, received) in ReadAllAsync(account, ct)) yield return DelayStamp.Add(message, account.Domain, received, "Offline Storage").Element;
    }

    /// <inheritdoc/>
    public async ValueTask<int> ImportAsync(Jid account, PortableElement element, IReadOnlyList<Element> pieces, CancellationToken ct)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var (message, received) in ReadAllAsync(account, ct))
        {
            known.Add(KeyOf(message, received));
            known.Add(KeyOf(message, null));
        }

        var added = 0;
        foreach (var piece in pieces)
        {
            if (!piece.Is("message", Ns.Client)) throw new FormatException($"<{piece.Name}/> is no message");
            var (message, received) = Read(account, piece);
            if (!known.Add(KeyOf(message, received))) continue;
            if (!await offline.AddAsync(account, message, received ?? time.GetUtcNow(), ct)) throw new FormatException("there is no room for more offline messages");
            added++;
        }

        return added;
    }

    private async IAsyncEnumerable<(Message Message, DateTimeOffset Received)> ReadAllAsync(Jid account, [EnumeratorCancellation] CancellationToken ct)
    {
        for (long last = 0; ;)
        {
            var page = await offline.ReadAsync(account, PageSize, last, ct);
            foreach (var (_, message, received) in page) yield return (message, received);
            if (page.Count < PageSize) break;
            last = page[^1].Id;
        }
    }

    // The stamp of the server that kept it becomes ours; those of others on the way stay.
    private static (Message Message, DateTimeOffset? Received) Read(Jid account, Element piece)
    {
        var stamp = piece.ChildrenNamed("delay", Ns.Delay).LastOrDefault(d => d["from"] is null || d["from"] == account.Domain) ?? piece.ChildrenNamed("delay", Ns.Delay).LastOrDefault();
        var message = piece.CopyWithout(c => c == stamp && (c["from"] is null || c["from"] == account.Domain)).Freeze();
        return (new Message(message), PortableNames.ReadTime(stamp?["stamp"]));
    }

    private static string KeyOf(Message message, DateTimeOffset? received) => $"{received?.ToUnixTimeMilliseconds()} {message.Element}";
}
