using Parley.Media.Control;
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
            ["mixing"] = load.Mixing is { } mix ? new Dictionary<string, object?> { ["conferences"] = mix.Conferences, ["voices"] = mix.Voices, ["listeners"] = mix.Listeners } : "off",
            ["pictures"] = load.Pictures is { } pictures ? Read(pictures) : "off",
        };
    }

    private static Dictionary<string, object?> Read(PictureLoad load)
    {
        var made = load.Composed + load.Transcoded;
        return new()
        {
            ["conferences"] = load.Conferences,
            ["composing"] = load.Composing.ToDictionary(e => e.Key, e => (object?)e.Value),
            ["transcoding"] = load.Transcoding.ToDictionary(e => e.Key, e => (object?)e.Value),
            ["composed"] = load.Composed,
            ["transcoded"] = load.Transcoded,
            ["perSecond"] = Math.Round(load.PerSecond, 1),
            ["cores"] = Math.Round(load.Cores, 2),
            ["msPerPicture"] = made == 0 ? 0 : Math.Round(1000 * load.CpuSeconds / made, 2),
            ["dropped"] = load.Dropped.ToDictionary(d => d.Key, d => (object?)d.Value),
        };
    }
}
