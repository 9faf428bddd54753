using System.Collections.Concurrent;

namespace Parley.Media.Core.Turn;

/// <summary>What the TURN servers of all workers share. Everything in it may be used by all of them at once.</summary>
/// <param name="settings">The operator's choices.</param>
/// <param name="addresses">Where the relay ports are.</param>
/// <param name="live">The ports of live allocations, the same that <paramref name="policy"/> judges by.</param>
/// <param name="policy">Which peers may be reached.</param>
/// <param name="keys">Who the users are.</param>
/// <param name="random">Cryptographic, for what is made here once.</param>
public sealed class TurnShared(TurnSettings settings, TurnAddresses addresses, LivePorts live, PeerPolicy policy, ITurnKeys keys, Random random)
{
    private readonly ResponseBudget _budget = new(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()));
    private readonly Lock _budgetGate = new();
    private readonly ResponseBudget _requests = new(new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()));
    private readonly Lock _requestsGate = new();
    private volatile PeerPolicy _policy = policy;
    private volatile TurnAddresses _addresses = addresses;

    /// <summary>The operator's choices.</summary>
    public TurnSettings Settings { get; } = settings;

    /// <summary>Where the relay ports are; replaced whole when the advertised address changes. Allocations that were told another keep their ports.</summary>
    public TurnAddresses Addresses
    {
        get => _addresses;
        set => _addresses = value;
    }

    /// <summary>Which peers may be reached; replaced whole when this machine's addresses change.</summary>
    public PeerPolicy Policy
    {
        get => _policy;
        set => _policy = value;
    }

    /// <summary>Who the users are.</summary>
    public ITurnKeys Keys { get; } = keys;

    /// <summary>The ports of live allocations.</summary>
    public LivePorts Live { get; } = live;

    /// <summary>The ports that are bound: those of live allocations and reserved ones.</summary>
    public LivePorts Bound { get; } = new();

    /// <summary>The reserved ports.</summary>
    public Reservations Reservations { get; } = new();

    /// <summary>The TCP ports of live TCP allocations.</summary>
    public LivePorts TcpLive { get; } = new();

    /// <summary>The TCP ports that are bound, or being bound.</summary>
    internal LivePorts TcpBound { get; } = new();

    /// <summary>Peers' connections that wait for a client, by CONNECTION-ID.</summary>
    internal ConcurrentDictionary<uint, PeerConnection> TcpWaiting { get; } = new();

    /// <summary>The ports held by each account.</summary>
    public AccountUse Use { get; } = new();

    /// <summary>What each account relays.</summary>
    public AccountMeters Meters { get; } = new(settings);

    /// <summary>The nonces.</summary>
    public TurnNonces Nonces { get; } = new(Bytes(random, 32));

    /// <summary>Takes one unauthenticated answer's worth of a network's budget. The lock is held for nanoseconds and never on the way of relayed data.</summary>
    public bool TryTakeAnswer(UInt128 source, long nowMs)
    {
        lock (_budgetGate) return _budget.TryTake(source, nowMs);
    }

    /// <summary>
    /// Takes one request's worth of what a network may ask once its addresses are proven by a nonce: as much as before, but of a budget of its own, which nobody who forges
    /// addresses can use up.
    /// </summary>
    public bool TryTakeRequest(UInt128 source, long nowMs)
    {
        lock (_requestsGate) return _requests.TryTake(source, nowMs);
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
