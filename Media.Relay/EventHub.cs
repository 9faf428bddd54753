using System.Runtime.CompilerServices;
using Parley.Media.Control;
using Parley.Media.Relay.Conferences;

namespace Parley.Media.Relay;

/// <summary>Passes events to watchers, each of which has a bounded queue of its own.</summary>
internal sealed class EventHub(string epoch, int capacity = 4_096) : IRelayEvents
{
    private readonly Lock _gate = new();
    private Watcher[] _watchers = [];

    /// <inheritdoc/>
    public void Publish(Func<string, RelayEvent> make)
    {
        var watchers = Volatile.Read(ref _watchers);
        if (watchers.Length == 0) return;
        var happened = make(epoch);
        foreach (var watcher in watchers) watcher.Add(happened);
    }

    /// <summary>Watches from now on, even before the first event is asked for.</summary>
    public IAsyncEnumerable<RelayEvent> Watch(CancellationToken ct)
    {
        var watcher = new Watcher(capacity, epoch);
        lock (_gate) _watchers = [.. _watchers, watcher];
        var registration = ct.UnsafeRegister(_ => Remove(watcher), null);
        return ReadAsync(watcher, registration, ct);
    }

    private async IAsyncEnumerable<RelayEvent> ReadAsync(Watcher watcher, CancellationTokenRegistration registration, [EnumeratorCancellation] CancellationToken ct)
    {
        try
        {
            while (true) yield return await watcher.TakeAsync(ct);
        }
        finally
        {
            Remove(watcher);
            await registration.DisposeAsync();
        }
    }

    private void Remove(Watcher watcher)
    {
        lock (_gate) _watchers = [.. _watchers.Where(w => w != watcher)];
    }

    private sealed class Watcher(int capacity, string epoch)
    {
        private readonly Queue<RelayEvent> _queue = new();
        private readonly SemaphoreSlim _ready = new(0);
        private bool _hasLost;

        public void Add(RelayEvent happened)
        {
            lock (_queue)
            {
                // Once something is lost the rest is of no use before the watcher has reconciled: it asks from the state that it then finds.
                if (_hasLost) return;
                if (_queue.Count < capacity) _queue.Enqueue(happened);
                else _hasLost = true;
            }

            _ready.Release();
        }

        public async ValueTask<RelayEvent> TakeAsync(CancellationToken ct)
        {
            await _ready.WaitAsync(ct);
            lock (_queue)
            {
                if (_queue.TryDequeue(out var next)) return next;
                _hasLost = false;
                return new EventsLost(epoch);
            }
        }
    }
}
