using System.Threading.Channels;

namespace Parley.Plugins.FocusAgent.Conferences;

/// <summary>Work for one conference, done one piece at a time in the order of arrival. Bounded: whoever brings work waits while it is full.</summary>
public sealed class Mailbox
{
    private readonly Channel<Func<ValueTask>> _work;

    /// <summary>Makes a mailbox.</summary>
    public Mailbox(int capacity = 1024) => _work = Channel.CreateBounded<Func<ValueTask>>(new BoundedChannelOptions(capacity) { SingleReader = true });

    /// <summary>Adds work, waiting for room.</summary>
    /// <returns>False if the mailbox is closed.</returns>
    public async ValueTask<bool> PostAsync(Func<ValueTask> work, CancellationToken ct = default)
    {
        try
        {
            await _work.Writer.WriteAsync(work, ct);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    /// <summary>Takes no more work; what is there is still done.</summary>
    public void Close() => _work.Writer.TryComplete();

    /// <summary>Does the work until closed and empty. Work handles its own exceptions.</summary>
    public async Task RunAsync()
    {
        await foreach (var work in _work.Reader.ReadAllAsync()) await work();
    }
}
