using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Media.Core.Turn;
using Parley.Media.Relay;
using Parley.Media.Relay.Turn;
using Parley.Media.Relay.Workers;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.MediaRelay;

/// <summary>Puts a TURN server on each of the relay's workers, and lists it for XEP-0215 once it is there.</summary>
public sealed class TurnSetup(IOptions<TurnOptions> options, IServerInfo server, IConnectionListeners listeners, ITurnKeys keys, ILogger<TurnRelay> log) : IExternalServiceSource
{
    private volatile TurnRelay? _relay;

    /// <summary>The UDP port that clients come to; null while it is off.</summary>
    public int? Port => _relay is { Port: > 0 and var port } ? port : null;

    /// <summary>The server itself; null while it is off.</summary>
    public TurnRelay? Relay => _relay;

    /// <summary>What it did; null while it is off.</summary>
    public TurnLoad? ReadLoad() => _relay?.ReadLoad();

    /// <summary>Makes the parts of a worker; none while TURN is off.</summary>
    /// <exception cref="RelayStartException">The port is taken, and the like.</exception>
    public IEnumerable<IWorkerPart> PartsOf(WorkerContext worker)
    {
        if (!options.Value.Enabled) return [];
        var relay = worker.Index == 0 ? new TurnRelay(Settings(), keys, log) : _relay!; // workers are made in order
        IWorkerPart part = relay.CreatePart(worker.Media);
        _relay = relay; // not before it has its port
        return [part];
    }

    /// <summary>Forgets the server of workers that have ended.</summary>
    public void Stopped() => _relay = null;

    /// <inheritdoc/>
    public IReadOnlyList<ExternalService> List(ServiceRequester requester)
    {
        if (Port is not { } port) return [];
        var host = server.AdvertisedAddress.ToString(); // a literal: some clients resolve no names here, or only IPv4 ones
        var services = new List<ExternalService> { new("turn", host, port, "udp", Restricted: true), new("stun", host, port, "udp", Restricted: false) };
        if (listeners.PortOf(TurnOptions.PortKey) is { } tcp) services.Add(new("turn", host, tcp, "tcp", Restricted: true));
        services.AddRange(TlsPorts().Select(tls => new ExternalService("turns", TlsHost(requester), tls, "tcp", Restricted: true)));
        return services;
    }

    // Port 443 first, which gets through where no other does.
    private IEnumerable<int> TlsPorts() =>
        new[] { listeners.PortOf(TurnOptions.TlsPortKey), listeners.PortOf(TurnOptions.ShareHttpsKey) }.OfType<int>().OrderBy(p => p == 443 ? 0 : 1);

    // A name, since certificates name no address.
    private string TlsHost(ServiceRequester requester) =>
        options.Value.TlsHost ?? (server.Domains.Contains(requester.Domain) ? requester.Domain : server.Domains[0]);

    private TurnRelaySettings Settings()
    {
        var chosen = options.Value;
        TurnOptions.TryReadPorts(chosen.RelayPorts, out var first, out var last); // validated at the start
        return new()
        {
            Protocol = new TurnSettings
            {
                Realm = server.Domains[0],
                FirstPort = first,
                LastPort = last,
                TcpAllocations = chosen.TcpAllocations,
                ConnectionsPerAllocation = chosen.ConnectionsPerAllocation,
                AllocationsPerAccount = chosen.AllocationsPerAccount,
                AllocationsPerGuestGroup = chosen.AllocationsPerGuestGroup,
                BytesPerSecondPerAccount = chosen.BytesPerSecondPerAccount,
                PacketsPerSecondPerAccount = chosen.PacketsPerSecondPerAccount,
                BytesPerSecondPerGuestGroup = chosen.BytesPerSecondPerGuestGroup,
                PacketsPerSecondPerGuestGroup = chosen.PacketsPerSecondPerGuestGroup,
                MaxLifetime = (uint)chosen.MaxLifetime.TotalSeconds,
                AllocationsPerGuestRoom = chosen.AllocationsPerGuestRoom,
            },
            Port = chosen.Port,
            Connections = chosen.MaxConnections,
            ConnectionsPerAddress = chosen.ConnectionsPerAddress,
            BindAddress = server.BindAddress,
            AdvertisedAddress = server.AdvertisedAddress,
            IsLoopbackOnly = server.IsLoopbackOnly,
            AllowedPeers = [.. chosen.AllowedPeers.Select(IPNetwork.Parse)],
        };
    }
}
