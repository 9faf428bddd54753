using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugin.Abstractions;

/// <summary>Says whom accounts block (XEP-0191); contributed by the plugin that keeps them apart, for whoever acts on a stanza before it comes to the account.</summary>
public interface IBlockedAddresses
{
    /// <summary>Whether an account blocks an address.</summary>
    ValueTask<bool> IsBlockedAsync(Jid account, Jid address, CancellationToken ct = default);
}
