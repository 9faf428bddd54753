using System.Data.Common;

namespace Parley.Plugins.Archive;

/// <summary>Puts together what comes while a write is under way: the next write has all of it. Each caller waits for its own, so that there are never more than callers.</summary>
/// <param name="write">Writes some, and tells what became of each.</param>
/// <typeparam name="TIn">What is written.</typeparam>
/// <typeparam name="TOut">What became of it.</typeparam>
internal sealed class GroupedWrites<TIn, TOut>(Func<IReadOnlyList<TIn>, ValueTask<IReadOnlyList<TOut>>> write)
{
    /// <summary>Callers whose items go together at most.</summary>
    internal const int MaxCallers = 250;

    private readonly Lock _lock = new();
    private readonly Queue<Caller> _waiting = [];
    private bool _isWriting;

    /// <summary>Writes a caller's items; in the order of calls.</summary>
    public Task<IReadOnlyList<TOut>> WriteAsync(IReadOnlyList<TIn> items)
    {
        var caller = new Caller(items);
        lock (_lock)
        {
            _waiting.Enqueue(caller);
            if (_isWriting) return caller.Task;
            _isWriting = true;
        }

        _ = WriteAllAsync();
        return caller.Task;
    }

    /// <summary>Waits until all that was given before has been written, or failed.</summary>
    public async Task FlushAsync()
    {
        lock (_lock)
        {
            if (!_isWriting) return;
        }

        await WriteAsync((IReadOnlyList<TIn>)[]);
    }

    private async Task WriteAllAsync()
    {
        var callers = new List<Caller>();
        while (Take(callers)) await WriteAsync(callers);
    }

    private bool Take(List<Caller> callers)
    {
        callers.Clear();
        lock (_lock)
        {
            while (callers.Count < MaxCallers && _waiting.TryDequeue(out var caller)) callers.Add(caller);
            return _isWriting = callers.Count > 0;
        }
    }

    private async ValueTask WriteAsync(List<Caller> callers)
    {
        try
        {
            var all = await write(callers.Count == 1 ? callers[0].Items : [.. callers.SelectMany(c => c.Items)]);
            var at = 0;
            foreach (var caller in callers)
            {
                var own = new TOut[caller.Items.Count];
                for (var i = 0; i < own.Length; i++) own[i] = all[at++];
                caller.SetResult(own);
            }
        }
        catch (Exception e) when (callers.Count > 1 && e is not DbException { IsTransient: true })
        {
            // One of them may be the fault; the others have nothing to do with it.
            await Task.WhenAll(callers.Select(AloneAsync));
        }
        catch (Exception e)
        {
            foreach (var caller in callers) caller.SetException(e);
        }
    }

    private async Task AloneAsync(Caller caller)
    {
        try
        {
            caller.SetResult(await write(caller.Items));
        }
        catch (Exception e)
        {
            caller.SetException(e);
        }
    }

    private sealed class Caller(IReadOnlyList<TIn> items) : TaskCompletionSource<IReadOnlyList<TOut>>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public IReadOnlyList<TIn> Items => items;
    }
}
