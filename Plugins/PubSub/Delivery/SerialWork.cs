using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.PubSub.Delivery;

/// <summary>Work that is done behind the answer to a request: in order for each service, services side by side. It ends with the plugin.</summary>
internal sealed class SerialWork(ILogger<SerialWork> log) : IAsyncDisposable
{
    /// <summary>Jobs of one service that may wait before whoever makes more of them waits too.</summary>
    public const int MaxWaiting = 100;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly Dictionary<Jid, Queue> _queues = [];
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Adds a job for a service.</summary>
    public void Post(Jid service, Func<CancellationToken, ValueTask> job)
    {
        lock (_queues)
        {
            if (_ending.IsCancellationRequested) return;
            if (!_queues.TryGetValue(service, out var queue)) _queues.Add(service, queue = new Queue());
            queue.Waiting++;
            queue.Tail = RunAsync(queue.Tail, service, queue, job);
        }
    }

    /// <summary>Waits while too much is to be done for a service, though not for ever: a client that does not read is dropped by others.</summary>
    public async ValueTask SlowDownAsync(Jid service, CancellationToken ct)
    {
        Task tail;
        lock (_queues)
        {
            if (!_queues.TryGetValue(service, out var queue) || queue.Waiting <= MaxWaiting) return;
            tail = queue.Tail;
        }

        await Task.WhenAny(tail, Task.Delay(LongestWait, ct));
    }

    /// <summary>Waits until everything that was posted for a service by now is done.</summary>
    public Task FinishedAsync(Jid service)
    {
        lock (_queues) return _queues.TryGetValue(service, out var queue) ? queue.Tail : Task.CompletedTask;
    }

    /// <summary>Ends: what waits is not done any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_queues)
        {
            _ending.Cancel();
            running = [.. _queues.Values.Select(q => q.Tail)];
        }

        await Task.WhenAll(running);
        _ending.Dispose();
    }

    private async Task RunAsync(Task before, Jid service, Queue queue, Func<CancellationToken, ValueTask> job)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            if (!_ending.IsCancellationRequested) await job(_ending.Token);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The plugin is being unloaded.
        }
        catch (Exception e)
        {
            log.LogError(e, "Telling of a change failed");
        }

        lock (_queues)
        {
            if (--queue.Waiting == 0) _queues.Remove(service);
        }
    }

    private sealed class Queue
    {
        public Task Tail { get; set; } = Task.CompletedTask;

        public int Waiting { get; set; }
    }
}
