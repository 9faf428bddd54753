using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Muji;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Plugins.FocusAgent.Rooms;

namespace Parley.Plugins.FocusAgent;

/// <summary>What <c>./parley status</c> shows of calls.</summary>
public sealed class FocusStatus(RoomRegistry rooms, ReservationBook reservations, RecordingBook recordings, CallerPaces paces, MujiCallers muji, FocusServices services) : IStatusSource
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
            ["kinds"] = Kinds(live).ToDictionary(k => k.Key, k => (object?)k.Value),
            ["waiting"] = live.Sum(r => r.WaitingCount),
            ["reservations"] = reservations.List().Count,
            ["muji"] = muji.Count,
            ["recordings"] = recordings.Live.Count(r => r.End is null),
            ["recordedBytes"] = recordings.Written,
            ["removed"] = services.Figures.Removed,
            ["refused"] = services.Figures.Refused.ToDictionary(r => r.Key, r => (object?)r.Value),
            ["slowed"] = paces.Slowed,
        };
    }

    /// <summary>How many participants there are of each kind.</summary>
    internal static SortedDictionary<string, int> Kinds(IEnumerable<CallRoom> rooms)
    {
        var all = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (kind, count) in rooms.SelectMany(r => r.Kinds)) all[kind] = all.GetValueOrDefault(kind) + count;
        return all;
    }
}
