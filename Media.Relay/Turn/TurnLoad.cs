using Parley.Media.Core.Turn;

namespace Parley.Media.Relay.Turn;

/// <summary>What the TURN servers of all workers did, for status and metrics.</summary>
/// <param name="Allocations">Allocations that live now.</param>
/// <param name="AllocationsMade">Allocations made since the start.</param>
/// <param name="ToPeers">Datagrams relayed from clients to peers.</param>
/// <param name="ToClients">Datagrams relayed from peers to clients.</param>
/// <param name="BytesToPeers">Bytes of data relayed to peers.</param>
/// <param name="BytesToClients">Bytes of data relayed to clients.</param>
/// <param name="Refused">Allocations refused for a limit.</param>
/// <param name="Revoked">Allocations ended because their account was removed.</param>
/// <param name="IcmpErrors">ICMP errors about peers told to clients.</param>
/// <param name="Dropped">Datagrams that were neither relayed nor answered, by reason.</param>
/// <param name="Unauthorized">Requests refused for their credentials.</param>
public sealed record TurnLoad(
    long Allocations, long AllocationsMade, long ToPeers, long ToClients, long BytesToPeers, long BytesToClients, long Refused, long Revoked, long IcmpErrors, IReadOnlyDictionary<string, long> Dropped, long Unauthorized)
{
    /// <summary>Bytes of data relayed.</summary>
    public long Bytes => BytesToPeers + BytesToClients;

    internal static TurnLoad Sum(IEnumerable<TurnCounters> counters)
    {
        var all = counters.ToList();
        return new(all.Sum(c => c.Allocations), all.Sum(c => c.AllocationsMade), all.Sum(c => c.ToPeers), all.Sum(c => c.ToClients), all.Sum(c => c.BytesToPeers),
            all.Sum(c => c.BytesToClients), all.Sum(c => c.OverQuota), all.Sum(c => c.Revoked), all.Sum(c => c.IcmpErrors),
            new SortedDictionary<string, long>(StringComparer.Ordinal)
            {
                ["malformed"] = all.Sum(c => c.Malformed),
                ["no room"] = all.Sum(c => c.NoRoom),
                ["over rate"] = all.Sum(c => c.OverRate),
                ["over budget"] = all.Sum(c => c.OverBudget),
                ["refused peer"] = all.Sum(c => c.RefusedPeers),
                ["no allocation"] = all.Sum(c => c.Unbound),
                ["no permission"] = all.Sum(c => c.Unpermitted),
            },
            all.Sum(c => c.Unauthorized));
    }
}
