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
    private readonly AskStun? _ask;
    private volatile IPAddress _advertised;

    /// <summary>Resolves the advertised address.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="tables">The components.</param>
    /// <param name="ask">How a STUN server is asked; null: none is.</param>
    /// <exception cref="StartFailureException">It cannot be resolved.</exception>
    public ServerInfo(XmppServerSettings settings, RoutingTableHolder tables, AskStun? ask = null)
    {
        (_settings, _tables, _ask) = (settings, tables, ask);
        _advertised = AdvertisedAddressResolver.Resolve(settings, ask);
        Warnings = AdvertisedAddressResolver.Warn(settings, _advertised);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Domains => _settings.Domains;

    /// <inheritdoc/>
    public IPAddress AdvertisedAddress => _advertised;

    /// <summary>Looks whether the advertised address has changed: a host name that leads elsewhere now, another network, another address on the router.</summary>
    /// <returns>Whether it has.</returns>
    /// <exception cref="StartFailureException">It cannot be resolved at this moment; the known one stays.</exception>
    public bool LookAgain()
    {
        var found = AdvertisedAddressResolver.Resolve(_settings, _ask, _advertised);
        // A STUN server that is silent for once does not make a private address of a public one.
        if (found.Equals(_advertised) || (_settings.Server.StunServer is not null && PublicReach.IsPrivate(found) && !PublicReach.IsPrivate(_advertised))) return false;
        _advertised = found;
        return true;
    }

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
        _settings.Domains.Contains(jid.Domain) || _settings.ParentOfGuestDomain(jid.Domain) is not null || _settings.FindComponent(jid.Domain) is not null || _tables.Current.Components.ContainsKey(jid.Domain);
}
