using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Runs the work of each sender in order, one at a time, different senders side by side. A queue exists only while there is work in it.</summary>
internal sealed class SenderQueues(int limit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Component, Jid Sender), Queue<Func<Task>>> _queues = [];

    /// <summary>Adds work to a sender's queue for a component; false if too much waits already. The work reports its own failures.</summary>
    public bool TryPost(string component, Jid sender, Func<Task> work)
    {
        lock (_gate)
        {
            if (_queues.TryGetValue((component, sender), out var waiting))
            {
                if (waiting.Count >= limit) return false;
                waiting.Enqueue(work);
                return true;
            }

            var queue = new Queue<Func<Task>>();
            queue.Enqueue(work);
            _queues.Add((component, sender), queue);
        }

        // On a thread of its own: a component may route from within its own call, and must not find itself inside another.
        _ = Task.Run(() => RunAsync((component, sender)));
        return true;
    }

    private async Task RunAsync((string, Jid) key)
    {
        while (true)
        {
            Func<Task> next;
            lock (_gate)
            {
                var queue = _queues[key];
                if (queue.Count == 0)
                {
                    _queues.Remove(key);
                    return;
                }

                next = queue.Dequeue();
            }

            await next().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
