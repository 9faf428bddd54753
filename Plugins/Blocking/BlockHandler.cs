using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Blocking;

/// <summary>Blocks addresses (XEP-0191 section 3.3), each with a report if the user has one (XEP-0377).</summary>
internal sealed class BlockHandler(BlockLists lists, BlockPushes pushes, ContactPresence presence, Reports reports, IOptionsMonitor<BlockingOptions> options) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!BlockRequests.IsOwn(iq)) return iq.Error(StanzaCondition.Forbidden);
        if (BlockRequests.Read(iq.Payload, out var fault) is not { } items) return iq.Error(fault);
        if (items.Count == 0) return iq.Error(StanzaCondition.BadRequest);
        // Nobody cuts off their own clients, or themselves from their server.
        if (items.Any(i => i.Jid.Bare == iq.To || (i.Jid.Local is null && i.Jid.Resource is null && i.Jid.Domain == iq.To.Domain))) return iq.Error(StanzaCondition.NotAllowed);
        var max = options.CurrentValue.MaxItems;
        if (await lists.BlockAsync(iq.To, [.. items.Select(i => i.Jid).Distinct()], max, ct) is not var (before, after)) return iq.Error(StanzaCondition.ResourceConstraint, $"{max} addresses may be blocked.");
        await pushes.TellAsync(iq.To, "block", items.Select(i => i.Jid), ct);
        await presence.WithdrawAsync(iq.To, before, after, ct);
        foreach (var (jid, item) in items)
        {
            if (Report.Read(item) is { } report) await reports.TakeAsync(iq.To, jid, report, ct);
        }

        return iq.Result();
    }
}
