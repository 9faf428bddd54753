using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.TurnCredentials;

/// <summary>Refuses the credentials of an account from the moment of its removal on.</summary>
public sealed class RemovedAccounts(AccountPresence presence, TimeProvider time) : IAccountObserver
{
    /// <inheritdoc/>
    public void Removed(Jid account) => presence.Learn(account.ToString(), exists: false, time.GetUtcNow());
}
