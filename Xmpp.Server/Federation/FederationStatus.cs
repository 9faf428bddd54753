using Parley.Plugin.Abstractions;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Federation.Incoming;
using Parley.Xmpp.Server.Federation.Outgoing;
using Parley.Xmpp.Server.Peers;

namespace Parley.Xmpp.Server.Federation;

/// <summary>The streams with other servers in figures.</summary>
public sealed class FederationStatus : IStatusSource
{
    private const int MostNamed = 20;

    private readonly XmppServerSettings _settings;
    private readonly PeerRegistry _registry;
    private readonly OutgoingRoutes _routes;

    internal FederationStatus(XmppServerSettings settings, PeerRegistry registry, OutgoingRoutes routes) => (_settings, _registry, _routes) = (settings, registry, routes);

    /// <inheritdoc/>
    public string Name => "federation";

    /// <summary>Streams by which other servers send.</summary>
    public int Incoming => _registry.All.Count(s => s is IncomingServerStream { IsReady: true });

    /// <summary>Streams by which we send.</summary>
    public int Outgoing => _routes.All.Count(r => r.IsConnected);

    /// <summary>Stanzas that wait for other servers or for their acknowledgement.</summary>
    public int Waiting => _routes.All.Sum(r => r.Count);

    /// <summary>Stanzas that could not be delivered.</summary>
    public long Returned => _routes.Returned;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read() => new Dictionary<string, object?>
    {
        ["enabled"] = _settings.FederationEnabled,
        ["incoming"] = Incoming,
        ["outgoing"] = Outgoing,
        ["waiting"] = Waiting,
        ["returned"] = Returned,
        ["unreachable"] = _routes.All.Where(r => r.Failure is not null && !r.IsConnected).Select(r => r.Remote).Distinct().Order(StringComparer.Ordinal).Take(MostNamed).ToList(),
    };
}
