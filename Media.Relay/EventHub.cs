using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Parley.Media.Control;
using Parley.Media.Relay.Conferences;

namespace Parley.Media.Relay;

/// <summary>Passes events to watchers, each of which has a bounded queue of its own.</summary>
internal sealed class EventHub(string epoch, int capacity = 4_096) : IRelayEvents
{
    private readonly Lock _gate = new();
    private Watcher[] _watchers = [];
    private bool _isComplete;

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
        lock (_gate)
        {
            if (_isComplete) watcher.Complete();
            else _watchers = [.. _watchers, watcher];
        }

        var registration = ct.UnsafeRegister(_ => Remove(watcher), null);
        return ReadAsync(watcher, registration, ct);
    }

    /// <summary>There will be no more: every watcher's enumeration ends after what it has left.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
            foreach (var watcher in _watchers) watcher.Complete();
        }
    }

    private async IAsyncEnumerable<RelayEvent> ReadAsync(Watcher watcher, CancellationTokenRegistration registration, [EnumeratorCancellation] CancellationToken ct)
    {
        try
        {
            while (await watcher.TakeAsync(ct) is { } next) yield return next;
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
        private readonly Lock _gate = new();
        private readonly Channel<RelayEvent> _queue = Channel.CreateBounded<RelayEvent>(new BoundedChannelOptions(capacity) { SingleReader = true });
        private bool _hasLost;

        public void Add(RelayEvent happened)
        {
            // Once something is lost the rest is of no use before the watcher has reconciled: it asks from the state that it then finds.
            lock (_gate) _hasLost = _hasLost || !_queue.Writer.TryWrite(happened);
        }

        public void Complete() => _queue.Writer.TryComplete();

        /// <summary>The next event; null once there are no more.</summary>
        public async ValueTask<RelayEvent?> TakeAsync(CancellationToken ct)
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_queue.Reader.TryRead(out var next)) return next;
                    if (_hasLost)
                    {
                        _hasLost = false;
                        return new EventsLost(epoch);
                    }
                }

                if (!await _queue.Reader.WaitToReadAsync(ct)) return null;
            }
        }
    }
}
