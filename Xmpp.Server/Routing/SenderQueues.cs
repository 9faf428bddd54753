using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Runs the work of each sender in order, one at a time, different senders side by side. A queue exists only while there is work in it.</summary>
/// <param name="limit">How many pieces of one sender may wait.</param>
/// <param name="byteLimit">How many bytes may wait in them. A single piece may wait whatever its size.</param>
internal sealed class SenderQueues(int limit, int byteLimit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Component, Jid Sender), Waiting> _queues = [];

    /// <summary>Adds work to a sender's queue for a component; false if too much waits already. The work reports its own failures.</summary>
    /// <param name="component">The component.</param>
    /// <param name="sender">The sender.</param>
    /// <param name="bytes">How many bytes it holds while it waits.</param>
    /// <param name="work">The work.</param>
    public bool TryPost(string component, Jid sender, int bytes, Func<Task> work)
    {
        lock (_gate)
        {
            if (_queues.TryGetValue((component, sender), out var waiting)) return waiting.TryAdd(work, bytes, limit, byteLimit);
            _queues.Add((component, sender), waiting = new());
            waiting.TryAdd(work, bytes, limit, byteLimit);
        }

        // On a thread of its own: a component may route from within its own call, and must not find itself inside another.
        _ = Task.Run(() => RunAsync((component, sender)));
        return true;
    }

    private async Task RunAsync((string, Jid) key)
    {
        while (true)
        {
            Func<Task>? next;
            lock (_gate)
            {
                next = _queues[key].Take();
                if (next is null)
                {
                    _queues.Remove(key);
                    return;
                }
            }

            await next().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed class Waiting
    {
        private readonly Queue<(Func<Task> Work, int Bytes)> _work = new();
        private long _bytes;

        public bool TryAdd(Func<Task> work, int bytes, int limit, int byteLimit)
        {
            if (_work.Count >= limit || (_work.Count > 0 && _bytes + bytes > byteLimit)) return false;
            _work.Enqueue((work, bytes));
            _bytes += bytes;
            return true;
        }

        public Func<Task>? Take()
        {
            if (!_work.TryDequeue(out var next)) return null;
            _bytes -= next.Bytes;
            return next.Work;
        }
    }
}
