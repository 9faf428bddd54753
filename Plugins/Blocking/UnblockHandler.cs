using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Blocking;

/// <summary>Unblocks addresses, or all (XEP-0191 sections 3.4 and 3.5).</summary>
internal sealed class UnblockHandler(BlockLists lists, BlockPushes pushes, ContactPresence presence) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!BlockRequests.IsOwn(iq)) return iq.Error(StanzaCondition.Forbidden);
        if (BlockRequests.Read(iq.Payload, out var fault) is not { } items) return iq.Error(fault);
        var (before, after) = await lists.UnblockAsync(iq.To, items.Count == 0 ? null : [.. items.Select(i => i.Jid)], ct);
        await pushes.TellAsync(iq.To, "unblock", items.Select(i => i.Jid), ct);
        await presence.ShowAsync(iq.To, before, after, ct);
        return iq.Result();
    }
}
