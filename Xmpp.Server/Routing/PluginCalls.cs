using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Calls into plugins for at most <see cref="StreamLimits.HandlerTime"/>: one that never returns must not stop a sender's other stanzas, nor its session's end.</summary>
internal sealed class PluginCalls(XmppServerSettings settings, TimeProvider time)
{
    /// <summary>Makes one call.</summary>
    /// <exception cref="TimeoutException">It took too long. Its token is cancelled, and what still comes of it is nobody's.</exception>
    public async ValueTask<T> CallAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken ct)
    {
        // Not given back where the call goes on: it may still use the token. There is neither timer nor, mostly, a link behind it.
        var over = ct.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(ct) : new CancellationTokenSource();
        var running = call(over.Token);
        if (running.IsCompleted) return await Finish(running, over);
        var task = running.AsTask();
        try
        {
            var result = await task.WaitAsync(settings.Limits.HandlerTime, time, ct);
            over.Dispose();
            return result;
        }
        catch (Exception) when (!task.IsCompleted)
        {
            await over.CancelAsync();
            _ = task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    private static async ValueTask<T> Finish<T>(ValueTask<T> done, CancellationTokenSource over)
    {
        using (over) return await done;
    }
}
