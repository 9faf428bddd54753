using Parley.Plugin.Abstractions;

namespace Parley.Plugins.MediaRelay;

/// <summary>The relay's part of <c>./parley status</c>.</summary>
public sealed class RelayStatus(RelayHost host) : IStatusSource
{
    /// <inheritdoc/>
    public string Name => "relay";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read()
    {
        if (host.Running is not { } service) return new Dictionary<string, object?> { ["running"] = false, ["why"] = host.Missing };
        var load = service.ReadLoad();
        return new Dictionary<string, object?>
        {
            ["running"] = true,
            ["workers"] = load.Workers,
            ["ports"] = service.Ports.Cast<object?>().ToList(),
            ["conferences"] = load.Conferences,
            ["endpoints"] = load.Endpoints,
            ["packetsIn"] = load.PacketsIn,
            ["packetsOut"] = load.PacketsOut,
            ["dropped"] = load.Dropped.ToDictionary(d => d.Key, d => (object?)d.Value),
            ["faults"] = service.Faults,
        };
    }
}
