using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.MediaRelay;

/// <summary>Ends a removed account's allocations at once. Use is counted by bare addresses, so that is the name that it goes by.</summary>
public sealed class TurnRevocation(TurnSetup turn) : IAccountObserver
{
    /// <inheritdoc/>
    public void Removed(Jid account) => turn.Relay?.Revoke(account.ToString());
}
