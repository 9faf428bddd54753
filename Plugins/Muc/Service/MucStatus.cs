using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Muc.Service;

/// <summary>What <c>./parley status</c> shows of chat rooms.</summary>
internal sealed class MucStatus(RoomRegistry rooms) : IStatusSource
{
    /// <inheritdoc/>
    public string Name => "rooms";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read()
    {
        var (all, open, occupants) = rooms.Count();
        return new Dictionary<string, object?> { ["rooms"] = all, ["open"] = open, ["occupants"] = occupants };
    }
}
