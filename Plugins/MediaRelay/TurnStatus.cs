using Parley.Plugin.Abstractions;

namespace Parley.Plugins.MediaRelay;

/// <summary>The TURN server's part of <c>./parley status</c>.</summary>
public sealed class TurnStatus(TurnSetup turn) : IStatusSource
{
    /// <inheritdoc/>
    public string Name => "turn";

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
            ["unauthorized"] = load.Unauthorized,
            ["dropped"] = load.Dropped.ToDictionary(d => d.Key, d => (object?)d.Value),
        };
    }
}
