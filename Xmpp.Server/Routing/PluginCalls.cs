using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Calls into plugins for at most <see cref="StreamLimits.HandlerTime"/>: one that never returns must not stop a sender's other stanzas, nor its session's end.</summary>
internal sealed class PluginCalls(XmppServerSettings settings, TimeProvider time)
{
    /// <summary>Makes one call.</summary>
    /// <exception cref="TimeoutException">It took too long. Its token is cancelled, and what still comes of it is nobody's.</exception>
    public ValueTask<T> CallAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken ct)
    {
        var over = Begin(ct);
        return EndAsync(call(over.Token), over, ct);
    }

    /// <summary>What cancels calls that are about to be made. Those that are over at once may share it.</summary>
    /// <param name="ct">Gives up waiting.</param>
    public static CancellationTokenSource Begin(CancellationToken ct)
    {
        // Not given back: a call may keep its token. There is no timer behind it, and no link before it is needed: nearly every call is over at once.
        var over = new CancellationTokenSource();
        if (ct.IsCancellationRequested) over.Cancel();
        return over;
    }

    /// <summary>Waits for the end of a call that was given the token of <paramref name="over"/>.</summary>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public ValueTask<T> EndAsync<T>(ValueTask<T> running, CancellationTokenSource over, CancellationToken ct) => running.IsCompleted ? running : WaitAsync(running.AsTask(), over, ct);

    private async ValueTask<T> WaitAsync<T>(Task<T> task, CancellationTokenSource over, CancellationToken ct)
    {
        await using var link = ct.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), over);
        try
        {
            return await task.WaitAsync(settings.Limits.HandlerTime, time, ct);
        }
        catch (Exception) when (!task.IsCompleted)
        {
            await over.CancelAsync();
            _ = task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }
}
