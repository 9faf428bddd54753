using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Parley.Plugins.Muc.Rooms;
using Parley.Plugins.Muc.Storage;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Muc.Service;

/// <summary>What became of a wish to make a room.</summary>
internal enum Creation
{
    /// <summary>It is there, by this or before.</summary>
    Done,
    /// <summary>There are as many rooms as there may be.</summary>
    TooMany,
    /// <summary>The account made as many as it may.</summary>
    TooManyOfAccount,
    /// <summary>The service stops.</summary>
    Closed,
}

/// <summary>All rooms: those in the database, of which a host is made when somebody comes, and those that end with their last occupant.</summary>
internal sealed class RoomRegistry(MucServices services, RoomStore store)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Jid, Entry> _rooms = [];
    private readonly Dictionary<Jid, int> _made = [];
    private readonly TaskCompletionSource _isLoaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosed;

    /// <summary>Reads which rooms there are. One that cannot be read keeps no other from being there, and its place: nobody enters it, or makes another there.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        var faults = 0;
        foreach (var room in await store.ListAsync(ct))
        {
            if (room.Fault is { } fault)
            {
                faults++;
                services.Logger.LogDebug(fault, "The stored chat room {Room} cannot be read", room.Key);
            }

            if (room.Address is not { } address) continue;
            lock (_gate) Add(address, new Entry(room.Creator, new RoomSummary(room.Config is { Name.Length: > 0 } named ? named.Name : address.Local ?? "", room.Config?.IsPublic ?? false, 0), IsStored: true));
        }

        if (faults > 0) services.Logger.LogError("{Count} stored chat rooms cannot be read; they stay stored and closed. At level Debug this log names them and the reasons", faults);
        _isLoaded.TrySetResult();
    }

    /// <summary>Brings a stanza to a room that there is; false if there is none.</summary>
    public async ValueTask<bool> PostAsync(Jid address, Stanza stanza, CancellationToken ct)
    {
        await _isLoaded.Task.WaitAsync(ct);
        while (Enter(address) is { } entry)
        {
            var isTaken = false;
            try
            {
                isTaken = await entry.Host!.PostAsync(stanza, () => Leave(entry), ct);
            }
            finally
            {
                if (!isTaken) Leave(entry);
            }

            if (isTaken) return true;
            if (_isClosed) return false;
        }

        return false;
    }

    /// <summary>Asks a room something that changes nothing; null if there is no such room.</summary>
    /// <exception cref="Exception">The room cannot be opened.</exception>
    public async ValueTask<T?> AskAsync<T>(Jid address, Func<Room, T> question, CancellationToken ct) where T : class
    {
        await _isLoaded.Task.WaitAsync(ct);
        if (Enter(address) is not { } entry) return null;
        var isLeft = 0;
        try
        {
            return await entry.Host!.AskAsync(question, LeaveOnce, ct);
        }
        finally
        {
            LeaveOnce();
        }

        void LeaveOnce()
        {
            if (Interlocked.Exchange(ref isLeft, 1) == 0) Leave(entry);
        }
    }

    /// <summary>Makes a room if there is none yet.</summary>
    public async ValueTask<Creation> CreateAsync(Jid address, Jid creator, CancellationToken ct)
    {
        await _isLoaded.Task.WaitAsync(ct);
        var options = services.Options;
        lock (_gate)
        {
            if (_isClosed) return Creation.Closed;
            if (_rooms.ContainsKey(address)) return Creation.Done;
            if (_rooms.Count >= options.MaxRooms) return Creation.TooMany;
            if (_made.GetValueOrDefault(creator) >= options.RoomsPerAccount) return Creation.TooManyOfAccount;
            Add(address, new Entry(creator, new RoomSummary(address.Local!, false, 0), IsStored: false));
            return Creation.Done;
        }
    }

    /// <summary>What may be known of the rooms of a domain.</summary>
    public IReadOnlyList<(Jid Address, RoomSummary Summary)> List(string domain)
    {
        lock (_gate) return [.. _rooms.Where(r => r.Key.Domain == domain).Select(r => (r.Key, r.Value.Host?.Summary ?? r.Value.Summary))];
    }

    /// <summary>How many rooms there are, how many are open, and how many clients are in them.</summary>
    public (int Rooms, int Open, int Sessions) Count()
    {
        lock (_gate)
        {
            var open = _rooms.Values.Where(e => e.Host is { SessionCount: > 0 }).ToList();
            return (_rooms.Count, open.Count, open.Sum(e => e.Host!.SessionCount));
        }
    }

    /// <summary>The rooms that are open.</summary>
    public IReadOnlyList<RoomHost> Hosts
    {
        get
        {
            lock (_gate) return [.. _rooms.Values.Select(e => e.Host).OfType<RoomHost>()];
        }
    }

    /// <summary>Makes no room any more, puts everybody out and waits until all is done.</summary>
    public async Task CloseAsync(CancellationToken ct)
    {
        IReadOnlyList<RoomHost> hosts;
        lock (_gate)
        {
            _isClosed = true;
            hosts = Hosts;
        }

        foreach (var host in hosts) await host.CloseAsync(ct);
        await Task.WhenAll(hosts.Select(h => h.Completion)).WaitAsync(ct);
    }

    private Entry? Enter(Jid address)
    {
        lock (_gate)
        {
            if (_isClosed || !_rooms.TryGetValue(address, out var entry)) return null;
            entry.Visitors++;
            entry.Host ??= new RoomHost(address, services, store, entry.IsStored, () => OpenAsync(address, entry), host => Retire(host, entry));
            return entry;
        }
    }

    private void Leave(Entry entry)
    {
        lock (_gate) entry.Visitors--;
    }

    private async ValueTask<Room> OpenAsync(Jid address, Entry entry)
    {
        if (entry.IsStored && await store.FindAsync(address, CancellationToken.None) is { } record) return Room.Restore(record, services.Rules);
        // What a former room of that name left behind, one that a crash ended, is nobody's to read.
        if (services.Archive is { } archive) await archive.RemoveAsync(address);
        return Room.Create(address, entry.Creator ?? address, RandomNumberGenerator.GetBytes(OccupantIds.SecretLength), services.Rules);
    }

    private bool Retire(RoomHost host, Entry entry)
    {
        lock (_gate)
        {
            if (entry.Visitors > 0) return false;
            if (!_rooms.Remove(host.Address) || entry.Creator is not { } creator) return true;
            if (--_made[creator] == 0) _made.Remove(creator);
            return true;
        }
    }

    private void Add(Jid address, Entry entry)
    {
        _rooms[address] = entry;
        if (entry.Creator is { } creator) _made[creator] = _made.GetValueOrDefault(creator) + 1;
    }

    private sealed record Entry(Jid? Creator, RoomSummary Summary, bool IsStored)
    {
        public RoomHost? Host { get; set; }

        public int Visitors { get; set; }
    }
}
