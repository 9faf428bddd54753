using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Blocking;

/// <summary>Tells others whom accounts block.</summary>
internal sealed class BlockedAddresses(BlockLists lists) : IBlockedAddresses
{
    /// <inheritdoc/>
    public async ValueTask<bool> IsBlockedAsync(Jid account, Jid address, CancellationToken ct = default) => BlockList.MayConcern(account, address) && (await lists.FindAsync(account, ct)).Contains(address);
}
