namespace Parley.Media.Core.Turn;

/// <summary>What one account relays, over all workers, and the limits of that. Safe from any thread.</summary>
public sealed class AccountMeter
{
    private readonly RateGate _bytes, _packets;
    private long _allocations, _made, _toPeers, _toClients, _bytesToPeers, _bytesToClients, _refused, _overRate;

    internal AccountMeter(string account, long bytesPerSecond, long packetsPerSecond) =>
        (Account, _bytes, _packets) = (account, new RateGate(bytesPerSecond), new RateGate(packetsPerSecond));

    /// <summary>The account, or the network of guests.</summary>
    public string Account { get; }

    /// <summary>Live allocations.</summary>
    public long Allocations => Volatile.Read(ref _allocations);

    /// <summary>The figures of this moment.</summary>
    public AccountLoad Read() => new(Account, Allocations, Volatile.Read(ref _made), Volatile.Read(ref _toPeers), Volatile.Read(ref _bytesToPeers),
        Volatile.Read(ref _toClients), Volatile.Read(ref _bytesToClients), Volatile.Read(ref _refused), Volatile.Read(ref _overRate));

    /// <summary>Counts bytes of a stream (RFC 6062), whichever way; returns for how many milliseconds its carrier has to pause.</summary>
    public int Owe(long bytes, bool isToPeer, long nowMs)
    {
        Interlocked.Add(ref isToPeer ? ref _bytesToPeers : ref _bytesToClients, bytes);
        return _bytes.Owe(bytes, nowMs);
    }

    /// <summary>Whether a datagram is within the account's rates.</summary>
    internal bool TryPass(int bytes, long nowMs)
    {
        if (_packets.TryTake(1, nowMs) && _bytes.TryTake(bytes, nowMs)) return true;
        Interlocked.Increment(ref _overRate);
        return false;
    }

    internal void CountToPeer(int bytes)
    {
        Interlocked.Increment(ref _toPeers);
        Interlocked.Add(ref _bytesToPeers, bytes);
    }

    internal void CountToClient(int bytes)
    {
        Interlocked.Increment(ref _toClients);
        Interlocked.Add(ref _bytesToClients, bytes);
    }

    internal void CountRefused() => Interlocked.Increment(ref _refused);

    internal void Attach()
    {
        Interlocked.Increment(ref _allocations);
        Interlocked.Increment(ref _made);
    }

    /// <summary>Gives back what <see cref="AccountMeters.Attach"/> gave.</summary>
    public void Detach() => Interlocked.Decrement(ref _allocations);
}

/// <summary>What an account relayed since the server came up, or since it was idle among too many others.</summary>
/// <param name="Account">The account, or the network of guests.</param>
/// <param name="Allocations">Live allocations.</param>
/// <param name="AllocationsMade">Allocations made.</param>
/// <param name="ToPeers">Datagrams to peers.</param>
/// <param name="BytesToPeers">Bytes of data to peers, those of TCP allocations among them.</param>
/// <param name="ToClients">Datagrams to the account's clients.</param>
/// <param name="BytesToClients">Bytes of data to them.</param>
/// <param name="Refused">Allocations refused for a limit.</param>
/// <param name="OverRate">Datagrams dropped because the account was over its rates.</param>
public sealed record AccountLoad(
    string Account, long Allocations, long AllocationsMade, long ToPeers, long BytesToPeers, long ToClients, long BytesToClients, long Refused, long OverRate);
