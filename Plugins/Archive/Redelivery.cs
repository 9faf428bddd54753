using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Archive;

/// <summary>
/// Judges a message that was sent again, and is archived already (see docs/decisions/024). Within this run of the server the first one is on its way or where it belongs. One from before
/// was durable, but whether it was delivered then, nobody knows: it goes on once more, under the same id, unless it waits in the offline store.
/// </summary>
internal sealed class Redelivery(IOfflineStore offline, TimeProvider time)
{
    private const int BatchSize = 100;
    private readonly DateTimeOffset _start = time.GetUtcNow();

    /// <summary>Whether the receiver needs it no more.</summary>
    /// <param name="message">The message, with its id in the receiver's archive.</param>
    /// <param name="receiver">The account that it is for; null: somebody else's.</param>
    /// <param name="archived">How it is archived.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<bool> IsNeedlessAsync(Message message, Jid? receiver, IReadOnlyList<ArchivedAs?> archived, CancellationToken ct)
    {
        if (archived.Any(a => a is { IsDuplicate: true } && a.Time >= _start)) return true;
        if (receiver is null || StanzaIds.Read(message, receiver) is not { } id) return false;
        long last = 0;
        while (await offline.ReadAsync(receiver, BatchSize, last, ct) is { Count: > 0 } kept)
        {
            if (kept.Any(k => StanzaIds.Read(k.Message, receiver) == id)) return true;
            last = kept[^1].Id;
        }

        return false;
    }
}
