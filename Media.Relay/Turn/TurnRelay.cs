using System.IO.Pipelines;
using System.Net;
using Microsoft.Extensions.Logging;
using Parley.Media.Core;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Transports;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Turn;

/// <summary>
/// The TURN server of all workers: makes a <see cref="TurnPart"/> for each. The parts share the port (SO_REUSEPORT: the kernel keeps each five-tuple on one of them, for
/// as long as their number stays), so all of them are made before the first worker starts; what came meanwhile went by a smaller number and is discarded.
/// </summary>
public sealed class TurnRelay
{
    private readonly TurnRelaySettings _settings;
    private volatile RelayAddresses _addresses;
    private volatile IPAddress _advertised;
    private readonly LivePorts _live = new();
    private readonly ILogger _log;
    private readonly AddressUse _connections;
    private volatile TurnPart[] _parts = []; // replaced whole: connections may come while it grows
    private TurnShared? _shared;
    private ulong _lastConnection;
    private long _refusedConnections;

    /// <summary>Prepares a server; the port is taken with the first part.</summary>
    /// <param name="settings">What it is started with.</param>
    /// <param name="keys">Who the users are; asked on every worker's thread.</param>
    /// <param name="log">Where it logs.</param>
    public TurnRelay(TurnRelaySettings settings, ITurnKeys keys, ILogger<TurnRelay> log)
    {
        (_settings, Keys, _log) = (settings, keys, log);
        (_advertised, _addresses) = (settings.AdvertisedAddress, RelayAddresses.Of(settings.BindAddress, settings.AdvertisedAddress));
        _connections = new AddressUse(settings.ConnectionsPerAddress, settings.Connections);
    }

    /// <summary>The port that clients come to; 0 before the first part.</summary>
    public int Port { get; private set; }

    /// <summary>Clients that are connected over TCP and TLS.</summary>
    public int Connections => _connections.Count;

    /// <summary>Connections that were cut at once, because their address or all together had too many.</summary>
    public long RefusedConnections => Interlocked.Read(ref _refusedConnections);

    /// <summary>Bytes carried between clients and peers over TCP (RFC 6062).</summary>
    public long TcpBytes => _parts.Sum(p => p.Tcp.Bytes);

    private ITurnKeys Keys { get; }

    /// <summary>Makes the next worker's part and opens its sockets.</summary>
    /// <param name="media">Where the media sockets are reached at this moment.</param>
    /// <exception cref="RelayStartException">The port is taken, and the like.</exception>
    public IWorkerPart CreatePart(Func<IReadOnlyList<IPEndPoint>> media)
    {
        _shared ??= new TurnShared(_settings.Protocol, _addresses.Translation, _live, Policy(media()), Keys, new CryptoRandom());
        var sockets = TurnListener.OpenSockets(_settings.BindAddress, Port == 0 ? _settings.Port : Port, isFirst: Port == 0);
        Port = sockets[0].Port;
        var part = new TurnPart(_shared, sockets, _addresses, _parts.Length == 0 ? new PolicyRefresher(_shared, media, Policy, () => _addresses.Translation) : null, _settings.IdleTime, _log);
        _parts = [.. _parts, part];
        return part;
    }

    /// <summary>
    /// Serves a client on a TCP or TLS connection until it ends (RFC 8656 section 3.1). The worker that has the fewest takes it. It ends with the relay, when it carries
    /// no messages, and when it has had no allocation for <see cref="TurnRelaySettings.IdleTime"/>.
    /// </summary>
    /// <param name="transport">The connection's bytes; not completed here.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="server">The address that it came to.</param>
    /// <param name="isTls">Whether TLS is below.</param>
    /// <param name="abort">Cuts the connection.</param>
    public async Task ServeAsync(IDuplexPipe transport, IPEndPoint client, IPEndPoint server, bool isTls, Action abort)
    {
        var from = AddressKey.Of(client);
        if (!_connections.TryTake(from.Address))
        {
            Interlocked.Increment(ref _refusedConnections);
            abort();
            return;
        }

        try
        {
            var home = _parts.MinBy(p => p.Streams.Count)!.Streams;
            home.Attach();
            try
            {
                await new TurnStream(new FiveTuple(from, AddressKey.Of(server), Interlocked.Increment(ref _lastConnection)), isTls, home).RunAsync(transport, abort);
            }
            finally
            {
                home.Detach();
            }
        }
        finally
        {
            _connections.Release(from.Address);
        }
    }

    /// <summary>Others reach this machine at another address from now on; allocations that are made a few seconds later tell it. From any thread.</summary>
    public void Advertise(IPAddress address)
    {
        _advertised = address;
        _addresses = RelayAddresses.Of(_settings.BindAddress, address);
    }

    /// <summary>Ends all allocations and reservations of an account at once, and refuses it new ones for <see cref="AccountMeters.RevokedMs"/>. From any thread.</summary>
    public void Revoke(string account)
    {
        _shared?.Meters.Revoke(account, WorkerClock.NowMs);
        foreach (var part in _parts) part.Revoke(account);
    }

    /// <summary>What each account relayed.</summary>
    public IReadOnlyList<AccountLoad> ReadAccounts() => _shared?.Meters.Read() ?? [];

    /// <summary>What all workers did so far.</summary>
    public TurnLoad ReadLoad() => TurnLoad.Sum(_parts.Select(p => p.Counters));

    /// <summary>What each worker did.</summary>
    public IReadOnlyList<TurnLoad> ReadLoads() => [.. _parts.Select(p => TurnLoad.Sum([p.Counters]))];

    private PeerPolicy Policy(IReadOnlyList<IPEndPoint> media) =>
        new(_settings.AllowedPeers, [_advertised, _settings.BindAddress, .. _addresses.Own], media, _live, _settings.IsLoopbackOnly);
}

/// <summary>Makes the peer policy anew when this machine's addresses or the advertised one have changed: a laptop changes its network, a name leads elsewhere. One worker does it for all.</summary>
internal sealed class PolicyRefresher(TurnShared shared, Func<IReadOnlyList<IPEndPoint>> media, Func<IReadOnlyList<IPEndPoint>, PeerPolicy> make, Func<TurnAddresses> addresses)
{
    private const long PeriodMs = 5000;
    private IReadOnlyList<IPEndPoint> _known = media();
    private long _nextMs;

    /// <summary>Looks when it is time; returns when it is next.</summary>
    public long Tick(long nowMs)
    {
        if (nowMs < _nextMs) return _nextMs;
        _nextMs = nowMs + PeriodMs;
        var (current, translation) = (media(), addresses());
        if (current.SequenceEqual(_known) && translation == shared.Addresses) return _nextMs;
        // The policy first: what is advertised next is this machine's own already.
        (_known, shared.Policy, shared.Addresses) = (current, make(current), translation);
        return _nextMs;
    }
}
