using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Reservations;

/// <summary>
/// Who has reserved which room until when. Each account has reservations of its own, so that nobody can take a room from others by reserving it; a room is open to guests while
/// any of them is in force. Kept over a restart.
/// </summary>
public sealed class ReservationBook : IRoomReservations, IDisposable
{
    /// <summary>The most reservations of all accounts together.</summary>
    public const int MaxTotal = 10_000;

    private readonly FocusServices _services;
    private readonly CallRooms _rooms;
    private readonly IAccountStore _accounts;
    private readonly ReservationFile _file;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Table _table; // never changed, only replaced

    /// <summary>Reads what was reserved before.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public ReservationBook(FocusServices services, CallRooms rooms, IAccountStore accounts)
    {
        (_services, _rooms, _accounts, _file) = (services, rooms, accounts, new ReservationFile(services.Server.DataDirectory));
        _table = new Table(_file.Read().DistinctBy(r => new Key(r.Room, r.Account)).ToDictionary(r => new Key(r.Room, r.Account), r => new Term(r.Until, r.Since)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<RoomReservation> List(Jid? account = null) =>
        [.. InForce(_table.All).Where(p => account is null || p.Key.Account == account).Select(p => new RoomReservation(p.Key.Room, p.Key.Account, p.Value.Until))
            .OrderBy(r => r.Room.ToString(), StringComparer.Ordinal).ThenBy(r => r.Account.ToString(), StringComparer.Ordinal)];

    /// <summary>The end of one account's reservation of a room; null if it has none.</summary>
    public DateTimeOffset? Find(Jid account, Jid room) => _table.All.TryGetValue(new Key(room.Bare, account.Bare), out var term) && term.Until > Now ? term.Until : null;

    /// <summary>The account that reserved a room first, of those whose reservations are in force, and since when it has; null if nobody has. Whoever comes later takes nothing from it.</summary>
    public (Jid Account, DateTimeOffset Since)? FirstOf(Jid room)
    {
        var now = Now;
        foreach (var (account, term) in _table.Of(room.Bare))
        {
            if (term.Until > now) return (account, term.Since);
        }

        return null;
    }

    /// <summary>Whether an account that still exists has reserved a room.</summary>
    public async ValueTask<bool> IsReservedAsync(Jid room, CancellationToken ct)
    {
        foreach (var (key, _) in InForce(_table.All).Where(p => p.Key.Room == room.Bare).ToList())
        {
            if (await _accounts.ExistsAsync(key.Account, ct)) return true;
            await ReleaseAsync(key.Account, key.Room, ct);
        }

        return false;
    }

    /// <inheritdoc/>
    public async ValueTask<ReservationResult> ReserveAsync(Jid account, Jid room, DateTimeOffset until, CancellationToken ct = default)
    {
        if (room.Local is null || room.Resource is not null || !_services.Server.Domains.Any(d => _rooms.DomainOf(d) == room.Domain)) return ReservationResult.NoRoom;
        until = DateTimeOffset.FromUnixTimeSeconds(until.ToUnixTimeSeconds()); // as it is written
        if (until <= Now || until - Now > _services.Options.LongestReservation) return ReservationResult.OutOfRange;
        if (account.Local is null || !await _accounts.ExistsAsync(account.Bare, ct)) return ReservationResult.NoAccount;
        await _turn.WaitAsync(ct);
        try
        {
            var next = InForce(_table.All).ToDictionary();
            var since = next.Remove(new Key(room, account.Bare), out var former) ? former.Since : Now;
            if (next.Count >= MaxTotal || next.Keys.Count(k => k.Account == account.Bare) >= _services.Options.ReservationsPerAccount) return ReservationResult.TooMany;
            next.Add(new Key(room, account.Bare), new Term(until, since));
            await KeepAsync(next, ct);
            return ReservationResult.Done;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ReleaseAsync(Jid account, Jid room, CancellationToken ct = default)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var next = InForce(_table.All).ToDictionary();
            if (!next.Remove(new Key(room.Bare, account.Bare))) return false;
            await KeepAsync(next, ct);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private DateTimeOffset Now => _services.Clock.GetUtcNow();

    // On the disk first: what was answered holds.
    private async Task KeepAsync(Dictionary<Key, Term> next, CancellationToken ct)
    {
        await _file.WriteAsync(next.Select(p => new KeptReservation(p.Key.Room, p.Key.Account, p.Value.Until, p.Value.Since)), ct);
        _table = new Table(next);
    }

    private IEnumerable<KeyValuePair<Key, Term>> InForce(Dictionary<Key, Term> all)
    {
        var now = Now;
        return all.Where(p => p.Value.Until > now);
    }

    private readonly record struct Key(Jid Room, Jid Account);

    private readonly record struct Term(DateTimeOffset Until, DateTimeOffset Since);

    private sealed class Table(Dictionary<Key, Term> all)
    {
        private readonly Dictionary<Jid, (Jid Account, Term Term)[]> _byRoom = all.GroupBy(p => p.Key.Room)
            .ToDictionary(g => g.Key, g => g.Select(p => (p.Key.Account, p.Value)).OrderBy(p => p.Value.Since).ThenBy(p => p.Account.ToString(), StringComparer.Ordinal).ToArray());

        public Dictionary<Key, Term> All => all;

        public (Jid Account, Term Term)[] Of(Jid room) => _byRoom.GetValueOrDefault(room) ?? [];
    }
}
