using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Muji;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Plugins.FocusAgent.Rooms;

namespace Parley.Plugins.FocusAgent;

/// <summary>What <c>./parley status</c> shows of calls.</summary>
public sealed class FocusStatus(RoomRegistry rooms, ReservationBook reservations, RecordingBook recordings, CallerPaces paces, MujiCallers muji) : IStatusSource
{
    /// <inheritdoc/>
    public string Name => "calls";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read()
    {
        var live = rooms.Rooms;
        return new Dictionary<string, object?>
        {
            ["conferences"] = live.Count(r => r.ParticipantCount > 0),
            ["participants"] = live.Sum(r => r.ParticipantCount),
            ["waiting"] = live.Sum(r => r.WaitingCount),
            ["reservations"] = reservations.List().Count,
            ["muji"] = muji.Count,
            ["recordings"] = recordings.Live.Count(r => r.End is null),
            ["slowed"] = paces.Slowed,
        };
    }
}
