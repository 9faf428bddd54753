using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Blocking;

/// <summary>What <c>./parley status</c> shows of blocking, since the start.</summary>
internal sealed class BlockingStatus(BlockedStanzas stanzas, Reports reports, BlockLists lists) : IStatusSource
{
    /// <inheritdoc/>
    public string Name => "blocking";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read() => new Dictionary<string, object?>
    {
        ["keptBack"] = stanzas.Kept,
        ["reports"] = reports.Taken,
        ["listsInMemory"] = lists.Cached,
    };
}
