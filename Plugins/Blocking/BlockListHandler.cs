using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Blocking;

/// <summary>Gives an account its list, and its changes from then on (XEP-0191 section 3.2).</summary>
internal sealed class BlockListHandler(BlockLists lists, BlockPushes pushes) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!BlockRequests.IsOwn(iq)) return iq.Error(StanzaCondition.Forbidden);
        // First, so that no change falls between.
        pushes.Add(iq.Sender.SessionId);
        return iq.Result(BlockPushes.Items("blocklist", (await lists.FindAsync(iq.To, ct)).Items));
    }
}
