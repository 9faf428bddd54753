using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Push;

/// <summary>What <c>./parley status</c> shows of push, since the start.</summary>
internal sealed class PushStatus(PushQueues queues) : IStatusSource
{
    /// <inheritdoc/>
    public string Name => "push";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read() => new Dictionary<string, object?>
    {
        ["sent"] = queues.Sent,
        ["failed"] = queues.Failed,
        ["givenUp"] = queues.GivenUp,
    };
}
