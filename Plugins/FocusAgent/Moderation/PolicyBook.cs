using Parley.Plugins.FocusAgent.Reservations;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>
/// What holds in which room: what the operator says, and within that what moderators said. The latter lasts as long as the reservation that it was made under, over restarts too, or else as the call.
/// </summary>
public sealed class PolicyBook : IDisposable
{
    private readonly FocusServices _services;
    private readonly ReservationBook _reservations;
    private readonly CallRooms _rooms;
    private readonly PolicyFile _file;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private readonly HashSet<Jid> _live = [];
    private readonly Dictionary<Jid, KeptPolicy> _said;

    /// <summary>Reads what was said before.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public PolicyBook(FocusServices services, ReservationBook reservations, CallRooms rooms)
    {
        (_services, _reservations, _rooms, _file) = (services, reservations, rooms, new PolicyFile(services.Server.DataDirectory));
        _said = _file.Read().DistinctBy(p => p.Room).ToDictionary(p => p.Room);
    }

    /// <summary>What the operator says of a room; null for nothing.</summary>
    public RoomOptions? Configured(Jid room)
    {
        var all = _services.Options.Rooms;
        if (all.Count == 0) return null;
        return all.GetValueOrDefault(room.Bare.ToString()) ?? (_rooms.ServedDomainOf(room.Domain) is null ? null : all.GetValueOrDefault(room.Local!));
    }

    /// <summary>What holds in a room.</summary>
    public RoomPolicy Of(Jid room) => Within(Configured(room), Said(room));

    /// <summary>Says what is to hold in a room; durable when this returns where the room is reserved.</summary>
    /// <returns>False if the operator says otherwise.</returns>
    public async ValueTask<bool> SetAsync(Jid room, RoomPolicy policy, CancellationToken ct)
    {
        var configured = Configured(room);
        if (configured is not null && !IsWithin(configured, policy)) return false;
        // What the operator names is not said twice: it counts as long as the operator says it.
        var said = configured is null ? policy : policy with { Members = Except(policy.Members, configured.Members), Moderators = Except(policy.Moderators, configured.Moderators) };
        await _turn.WaitAsync(ct);
        try
        {
            var kept = new KeptPolicy(room.Bare, _reservations.FirstOf(room)?.Account, said);
            List<KeptPolicy> next;
            lock (_gate)
            {
                foreach (var over in _said.Values.Where(p => !Counts(p)).ToList()) _said.Remove(over.Room);
                next = [.. _said.Values.Where(p => p.Room != kept.Room && p.Owner is not null)];
            }

            if (kept.Owner is not null) next.Add(kept);
            await _file.WriteAsync(next, ct);
            lock (_gate) _said[kept.Room] = kept;
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Whether what is said of a room lasts for a while: there is a call, or a reservation.</summary>
    public bool Lasts(Jid room)
    {
        lock (_gate) return _live.Contains(room.Bare) || _reservations.FirstOf(room) is not null;
    }

    /// <summary>A call began.</summary>
    public void Opened(Jid room)
    {
        lock (_gate) _live.Add(room);
    }

    /// <summary>A call ended, and what was said during it where the room is not reserved.</summary>
    public void Closed(Jid room)
    {
        lock (_gate)
        {
            _live.Remove(room);
            if (_said.TryGetValue(room, out var kept) && !Counts(kept)) _said.Remove(room);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private RoomPolicy Said(Jid room)
    {
        lock (_gate) return _said.TryGetValue(room.Bare, out var kept) && Counts(kept) ? kept.Policy : RoomPolicy.Open;
    }

    // Under its gate. Whoever reserves a room after somebody else had it does not get the other's password.
    private bool Counts(KeptPolicy kept) => _live.Contains(kept.Room) || (kept.Owner is not null && _reservations.FirstOf(kept.Room)?.Account == kept.Owner);

    private static RoomPolicy Within(RoomOptions? configured, RoomPolicy said) => configured is null ? said : said with
    {
        IsMembersOnly = configured.MembersOnly ?? said.IsMembersOnly,
        HasLobby = configured.Lobby ?? said.HasLobby,
        Password = configured.Password ?? said.Password,
        Members = [.. Read(configured.Members).Union(said.Members)],
        Moderators = [.. Read(configured.Moderators).Union(said.Moderators)],
    };

    private static bool IsWithin(RoomOptions configured, RoomPolicy policy) => (configured.MembersOnly ?? policy.IsMembersOnly) == policy.IsMembersOnly
        && (configured.Lobby ?? policy.HasLobby) == policy.HasLobby && (configured.Password ?? policy.Password) == policy.Password;

    private static IEnumerable<Jid> Read(IEnumerable<string> addresses) => addresses.Select(Jid.Parse);

    private static List<Jid> Except(IReadOnlyList<Jid> said, IReadOnlyList<string> configured) => [.. said.Except(Read(configured))];
}
