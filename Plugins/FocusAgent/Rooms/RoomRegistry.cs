using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>The live rooms. A room begins with its first call and ends when nobody is left; whoever is about to bring it work holds it open meanwhile.</summary>
public sealed class RoomRegistry(FocusServices services, HouseRules rules, RecordingBook recordings)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Jid, Entry> _rooms = [];
    private bool _isClosed;

    /// <summary>Gives a room work.</summary>
    /// <param name="address">The room's bare address.</param>
    /// <param name="mayOpen">Whether to open the room if it is not there.</param>
    /// <param name="work">The work.</param>
    /// <param name="ct">Gives up waiting while the room is overloaded.</param>
    /// <returns>False if there is no such room, or no more may be opened.</returns>
    public async ValueTask<bool> PostAsync(Jid address, bool mayOpen, Action<CallRoom> work, CancellationToken ct)
    {
        Entry? entry;
        lock (_gate)
        {
            if (mayOpen && _isClosed) return false;
            if (!_rooms.TryGetValue(address, out entry))
            {
                if (!mayOpen || _rooms.Count >= services.Options.MaxConferences) return false;
                _rooms[address] = entry = new Entry(new CallRoom(address, services, rules, recordings, Retire));
                rules.Policies.Opened(address);
            }

            entry.Visitors++;
        }

        var isTaken = false;
        try
        {
            isTaken = await entry.Room.PostAsync(
                () =>
                {
                    // From here on the room itself knows whether somebody is there.
                    Leave(entry);
                    work(entry.Room);
                },
                ct);
        }
        finally
        {
            if (!isTaken) Leave(entry);
        }

        return isTaken;
    }

    /// <summary>The rooms of this moment.</summary>
    public IReadOnlyList<CallRoom> Rooms
    {
        get
        {
            lock (_gate) return [.. _rooms.Values.Select(e => e.Room)];
        }
    }

    /// <summary>Gives an event of the relay to the room that it is about, or to all.</summary>
    public async ValueTask DispatchAsync(RelayEvent happened, CancellationToken ct)
    {
        var conference = happened switch
        {
            TransportConnected e => e.ConferenceId,
            TransportEnded e => e.ConferenceId,
            SpeakerChanged e => e.ConferenceId,
            TrackFlowChanged e => e.ConferenceId,
            RecordingChanged e => e.ConferenceId,
            KeyPressed e => e.ConferenceId,
            _ => null,
        };
        foreach (var room in Rooms)
        {
            if (conference is null || room.RelayId == conference) await room.PostAsync(() => room.OnRelayEvent(happened), ct);
        }
    }

    /// <summary>Opens no room any more, ends those that there are, and waits for their goodbyes.</summary>
    public async Task CloseAsync(CancellationToken ct)
    {
        IReadOnlyList<CallRoom> rooms;
        lock (_gate)
        {
            _isClosed = true;
            rooms = [.. _rooms.Values.Select(e => e.Room)];
        }

        foreach (var room in rooms) await room.PostAsync(() => room.EndAll(Conferences.LegEnd.ConferenceGone), ct);
        await Task.WhenAll(rooms.Select(r => r.Completion)).WaitAsync(ct);
    }

    private void Leave(Entry entry)
    {
        lock (_gate) entry.Visitors--;
    }

    private bool Retire(CallRoom room)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(room.Address, out var entry) || entry.Room != room) return true;
            if (entry.Visitors > 0) return false;
            rules.Policies.Closed(room.Address);
            return _rooms.Remove(room.Address);
        }
    }

    private sealed class Entry(CallRoom room)
    {
        public CallRoom Room { get; } = room;

        public int Visitors { get; set; }
    }
}
