using Parley.Media.Core.Turn;

namespace Parley.Media.Relay.Turn;

/// <summary>What the TURN servers of all workers did, for status and metrics.</summary>
/// <param name="Allocations">Allocations that live now.</param>
/// <param name="AllocationsMade">Allocations made since the start.</param>
/// <param name="ToPeers">Datagrams relayed from clients to peers.</param>
/// <param name="ToClients">Datagrams relayed from peers to clients.</param>
/// <param name="Bytes">Bytes of data relayed.</param>
/// <param name="Dropped">Datagrams that were neither relayed nor answered, by reason.</param>
/// <param name="Unauthorized">Requests refused for their credentials.</param>
public sealed record TurnLoad(
    long Allocations, long AllocationsMade, long ToPeers, long ToClients, long Bytes, IReadOnlyDictionary<string, long> Dropped, long Unauthorized)
{
    internal static TurnLoad Sum(IEnumerable<TurnCounters> counters)
    {
        var all = counters.ToList();
        return new(all.Sum(c => c.Allocations), all.Sum(c => c.AllocationsMade), all.Sum(c => c.ToPeers), all.Sum(c => c.ToClients), all.Sum(c => c.Bytes),
            new SortedDictionary<string, long>(StringComparer.Ordinal)
            {
                ["malformed"] = all.Sum(c => c.Malformed),
                ["no room"] = all.Sum(c => c.NoRoom),
                ["over budget"] = all.Sum(c => c.OverBudget),
                ["refused peer"] = all.Sum(c => c.RefusedPeers),
                ["no allocation"] = all.Sum(c => c.Unbound),
                ["no permission"] = all.Sum(c => c.Unpermitted),
            },
            all.Sum(c => c.Unauthorized));
    }
}
