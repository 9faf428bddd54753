using Parley.Media.Core.Turn;
using Parley.Media.Relay.Turn;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.MediaRelay;

/// <summary>The TURN server's part of <c>./parley status</c>.</summary>
public sealed class TurnStatus(TurnSetup turn) : IStatusSource
{
    private const int MaxAccounts = 100;

    /// <inheritdoc/>
    public string Name => "turn";

    /// <summary>The accounts that relayed most.</summary>
    internal static IEnumerable<AccountLoad> Top(TurnRelay relay) => relay.ReadAccounts().OrderByDescending(a => a.BytesToPeers + a.BytesToClients).Take(MaxAccounts);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read()
    {
        if (turn.Relay is not { } relay || turn.ReadLoad() is not { } load) return new Dictionary<string, object?> { ["running"] = false };
        return new Dictionary<string, object?>
        {
            ["running"] = true,
            ["port"] = turn.Port,
            ["connections"] = relay.Connections,
            ["refusedConnections"] = relay.RefusedConnections,
            ["tcpBytes"] = relay.TcpBytes,
            ["allocations"] = load.Allocations,
            ["allocationsMade"] = load.AllocationsMade,
            ["toPeers"] = load.ToPeers,
            ["toClients"] = load.ToClients,
            ["bytes"] = load.Bytes,
            ["bytesToPeers"] = load.BytesToPeers,
            ["bytesToClients"] = load.BytesToClients,
            ["refused"] = load.Refused,
            ["revoked"] = load.Revoked,
            ["icmpErrors"] = load.IcmpErrors,
            ["unauthorized"] = load.Unauthorized,
            ["dropped"] = load.Dropped.ToDictionary(d => d.Key, d => (object?)d.Value),
            ["accounts"] = Top(relay).ToDictionary(a => a.Account, a => (object?)new Dictionary<string, object?>
            {
                ["allocations"] = a.Allocations,
                ["allocationsMade"] = a.AllocationsMade,
                ["toPeers"] = a.ToPeers,
                ["bytesToPeers"] = a.BytesToPeers,
                ["toClients"] = a.ToClients,
                ["bytesToClients"] = a.BytesToClients,
                ["refused"] = a.Refused,
                ["overRate"] = a.OverRate,
            }),
        };
    }
}
