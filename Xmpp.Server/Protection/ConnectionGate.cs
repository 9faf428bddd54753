using System.Net;
using System.Net.Sockets;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Protection;

/// <summary>
/// Keeps connections in bounds by network address: how fast they come, how many have not logged in, how many have. Many people share an address, so whoever fills it with connections that
/// lead nowhere must not keep the others out: of these the one that has come least far goes, and among equals the oldest. People log in within a moment, and are gone from among them.
/// </summary>
/// <param name="limits">How many.</param>
/// <param name="log">Tells the operator.</param>
/// <param name="time">The clock.</param>
/// <param name="isShared">Whether everybody may be behind an address, as behind a reverse proxy; loopback ones only by default.</param>
internal sealed class ConnectionGate(StreamLimits limits, LimitLog log, TimeProvider time, Func<IPAddress, bool>? isShared = null)
{
    // What may come at once: all that were cut off by a restart.
    private const int BurstSeconds = 10;

    // So many addresses are remembered before those that mean nothing any more are looked for.
    private const int Many = 1024;

    private readonly Func<IPAddress, bool> _isShared = isShared ?? IPAddress.IsLoopback;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Neighbours> _addresses = [];
    private long _swept;

    /// <summary>How many addresses are remembered.</summary>
    public int Addresses
    {
        get
        {
            lock (_gate) return _addresses.Count;
        }
    }

    /// <summary>What an address counts as: one customer has at least a /64 of IPv6.</summary>
    public static IPAddress KeyOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address)) return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    /// <summary>Lets a connection in; null: it came too fast.</summary>
    /// <param name="address">Its address; null: it has none, and counts as nothing.</param>
    /// <param name="cut">Ends it.</param>
    /// <param name="isPaced">Whether it is a connection of its own, and not a stream on one that was let in before.</param>
    public ConnectionPlace? TryEnter(IPAddress? address, Action cut, bool isPaced = true)
    {
        var now = time.GetTimestamp();
        var shared = address is not null && _isShared(address);
        var place = new ConnectionPlace(this, address is null || shared ? address : KeyOf(address), shared, cut, now);
        if (place.Key is not { } key) return place;
        ConnectionPlace? least;
        lock (_gate)
        {
            Sweep(now);
            if (!_addresses.TryGetValue(key, out var neighbours)) neighbours = _addresses[key] = new Neighbours();
            if (isPaced && !neighbours.Passes(now, time, shared ? 0 : limits.ConnectionsPerSecondPerAddress)) least = place;
            else
            {
                least = neighbours.HalfOpen >= MostHalfOpen(place) ? neighbours.TakeLeast() : null;
                neighbours.Add(place);
            }
        }

        if (least is null) return place;
        log.Tell(least == place ? MetLimit.Connections : MetLimit.HalfOpen, key);
        if (least == place) return null;
        least.Cut();
        return place;
    }

    /// <summary>A connection has come further.</summary>
    internal void Advance(ConnectionPlace place, PlaceStage to)
    {
        lock (_gate)
        {
            if (to <= place.Stage) return;
            if (place.Node is not null) Neighbours.Remove(place);
            else if (place.Key is not null && !place.IsEstablished) return; // it was ended
            place.Stage = to;
            if (place is { Key: not null, IsEstablished: false }) _addresses[place.Key].Add(place);
        }
    }

    /// <summary>A connection has logged in.</summary>
    internal bool TryEstablish(ConnectionPlace place)
    {
        if (place.Key is not { } key) return true;
        lock (_gate)
        {
            if (place.IsEstablished) return true;
            if (place.Node is null) return false; // it was ended
            var neighbours = _addresses[key];
            if (neighbours.Established < (place.IsShared ? limits.StreamsPerLoopbackAddress : limits.StreamsPerAddress))
            {
                Neighbours.Remove(place);
                neighbours.Established++;
                return place.IsEstablished = true;
            }
        }

        log.Tell(MetLimit.Streams, key);
        return false;
    }

    /// <summary>A connection is half-open again.</summary>
    internal void Recede(ConnectionPlace place)
    {
        if (place.Key is not { } key) return;
        ConnectionPlace? least = null;
        lock (_gate)
        {
            if (!place.IsEstablished) return;
            place.IsEstablished = false;
            var neighbours = _addresses[key];
            neighbours.Established--;
            if (neighbours.HalfOpen >= MostHalfOpen(place)) least = neighbours.TakeLeast();
            neighbours.Add(place);
        }

        if (least is null) return;
        log.Tell(MetLimit.HalfOpen, key);
        least.Cut();
    }

    /// <summary>A connection is gone.</summary>
    internal void Leave(ConnectionPlace place)
    {
        if (place.Key is not { } key) return;
        lock (_gate)
        {
            if (place.Node is not null) Neighbours.Remove(place);
            else if (place.IsEstablished)
            {
                _addresses[key].Established--;
                place.IsEstablished = false;
            }
            else return;
            if (_addresses[key].MeansNothing(time.GetTimestamp(), time, limits.ConnectionsPerSecondPerAddress)) _addresses.Remove(key);
        }
    }

    private int MostHalfOpen(ConnectionPlace place) => place.IsShared ? limits.StreamsPerLoopbackAddress : limits.HalfOpenPerAddress;

    private void Sweep(long now)
    {
        if (_addresses.Count < Many || time.GetElapsedTime(_swept, now) < TimeSpan.FromSeconds(1)) return;
        _swept = now;
        foreach (var (key, _) in _addresses.Where(a => a.Value.MeansNothing(now, time, limits.ConnectionsPerSecondPerAddress)).ToList()) _addresses.Remove(key);
    }

    private sealed class Neighbours
    {
        private readonly LinkedList<ConnectionPlace>[] _stages = [new(), new(), new()];
        private Budget _pace;

        public int HalfOpen => _stages[0].Count + _stages[1].Count + _stages[2].Count;

        public int Established { get; set; }

        public bool Passes(long now, TimeProvider time, int perSecond)
        {
            if (perSecond == 0) return true;
            _pace.Refill(now, time, perSecond);
            if (_pace.Spent + 1 > perSecond * BurstSeconds) return false;
            _pace.Spend(1);
            return true;
        }

        public bool MeansNothing(long now, TimeProvider time, int perSecond)
        {
            if (HalfOpen + Established > 0) return false;
            _pace.Refill(now, time, perSecond);
            return _pace.Spent <= 0 || perSecond == 0;
        }

        public void Add(ConnectionPlace place) => place.Node = _stages[(int)place.Stage].AddLast(place);

        public static void Remove(ConnectionPlace place)
        {
            place.Node!.List!.Remove(place.Node);
            place.Node = null;
        }

        public ConnectionPlace TakeLeast()
        {
            var least = _stages.First(s => s.Count > 0).First!.Value;
            Remove(least);
            return least;
        }
    }
}
