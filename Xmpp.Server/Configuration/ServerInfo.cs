using System.Net;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Routing;

namespace Parley.Xmpp.Server.Configuration;

/// <summary>The facts about this server that plugins may ask for.</summary>
public sealed class ServerInfo : IServerInfo
{
    private readonly XmppServerSettings _settings;
    private readonly RoutingTableHolder _tables;

    /// <summary>Resolves the advertised address.</summary>
    /// <exception cref="StartFailureException">It cannot be resolved.</exception>
    public ServerInfo(XmppServerSettings settings, RoutingTableHolder tables)
    {
        (_settings, _tables) = (settings, tables);
        AdvertisedAddress = AdvertisedAddressResolver.Resolve(settings);
        Warnings = AdvertisedAddressResolver.Warn(settings, AdvertisedAddress);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Domains => _settings.Domains;

    /// <inheritdoc/>
    public IPAddress AdvertisedAddress { get; }

    /// <summary>What the operator should be told loudly at the start.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <inheritdoc/>
    public IPAddress BindAddress => _settings.BindAddress;

    /// <inheritdoc/>
    public bool IsLoopbackOnly => _settings.IsLoopbackOnly;

    /// <inheritdoc/>
    public string DataDirectory => _settings.DataDirectory;

    /// <inheritdoc/>
    public int? HttpsPort => _settings.Listeners.Https.Port is > 0 and var port ? port : null;

    /// <inheritdoc/>
    public string? GuestDomainOf(string domain) => _settings.GuestDomainOf(domain);

    /// <inheritdoc/>
    public bool IsLocal(Jid jid) =>
        _settings.Domains.Contains(jid.Domain) || _settings.ParentOfGuestDomain(jid.Domain) is not null || _tables.Current.Components.ContainsKey(jid.Domain);
}
