using Parley.Plugin.Abstractions;

namespace Parley.Plugins.ExtDisco;

/// <summary>What <c>./parley status</c> shows of external services.</summary>
public sealed class DiscoStatus(Askers askers, ServicePushes pushes) : IStatusSource
{
    /// <inheritdoc/>
    public string Name => "externalServices";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read() => new Dictionary<string, object?> { ["askers"] = askers.Count, ["pushes"] = pushes.Sent };
}
