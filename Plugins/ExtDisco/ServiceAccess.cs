using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.ExtDisco;

/// <summary>Who may be told of services: by default those who belong to this server.</summary>
public sealed class ServiceAccess(IOptionsMonitor<ExtDiscoOptions> options)
{
    /// <summary>Whether a sender may ask.</summary>
    public bool IsGranted(SenderInfo sender, Jid from)
    {
        var allowed = options.CurrentValue;
        return sender.Kind switch
        {
            SenderKind.Account => allowed.Accounts,
            SenderKind.Guest => allowed.Guests,
            SenderKind.Component => allowed.Components,
            _ => false,
        } || (sender.Kind is SenderKind.Component or SenderKind.Remote && allowed.Domains.Any(d => Jid.Parse(d).Domain == from.Domain));
    }
}
