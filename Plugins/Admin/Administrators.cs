using Microsoft.Extensions.Options;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Admin;

/// <summary>Who may administer.</summary>
internal sealed class Administrators(IOptionsMonitor<AdminOptions> options)
{
    /// <summary>Whether an account of this server may.</summary>
    public bool Has(Jid account) => options.CurrentValue.Accounts.Any(a => Jid.TryParse(a, out var jid) && jid == account);
}
