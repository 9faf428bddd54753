namespace Parley.Server.Host.Plugins;

/// <summary>
/// Counts the calls that are inside a plugin, and lets it go: after <see cref="CloseAsync"/> nobody enters, and <see cref="Release"/> drops every reference that a kept
/// table might still reach the plugin by.
/// </summary>
#pragma warning disable CA1001 // The source has neither timer nor handle, and calls that are still inside look at its token.
internal sealed class PluginGate
#pragma warning restore CA1001
{
    private readonly List<IHeld> _held = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private volatile bool _closed;
    private int _inside;

    private interface IHeld
    {
        void Release();
    }

    /// <summary>Cancelled once it closes: for what stays inside until it is told.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Enters; false once closed. Each success needs an <see cref="Exit"/>.</summary>
    public bool TryEnter()
    {
        Interlocked.Increment(ref _inside);
        if (!_closed) return true;
        Exit();
        return false;
    }

    /// <summary>Leaves.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _inside) == 0 && _closed) _empty.TrySetResult();
    }

    /// <summary>Leaves when a call that was made inside is over; most are when they return, and cost nothing more.</summary>
    public ValueTask<T> ExitAfter<T>(ValueTask<T> running)
    {
        if (!running.IsCompleted) return ExitAfterAsync(running);
        Exit();
        return running;
    }

    private async ValueTask<T> ExitAfterAsync<T>(ValueTask<T> running)
    {
        try
        {
            return await running;
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Holds an object of the plugin until it is released.</summary>
    public Held<T> Hold<T>(T value) where T : class
    {
        var held = new Held<T>(value);
        _held.Add(held);
        return held;
    }

    /// <summary>Lets nobody in any more and waits for those inside.</summary>
    /// <returns>False if some were still inside when the time was over.</returns>
    public async Task<bool> CloseAsync(TimeSpan atMost)
    {
        _closed = true;
        Interlocked.MemoryBarrier();
        await _closing.CancelAsync();
        if (Volatile.Read(ref _inside) == 0) _empty.TrySetResult();
        return await Task.WhenAny(_empty.Task, Task.Delay(atMost)) == _empty.Task;
    }

    /// <summary>Drops what is held.</summary>
    public void Release()
    {
        foreach (var held in _held) held.Release();
        _held.Clear();
    }

    /// <summary>A reference that can be taken back.</summary>
    public sealed class Held<T>(T value) : IHeld where T : class
    {
        private volatile T? _value = value;

        /// <summary>The object; only between entering and leaving the gate.</summary>
        public T Value => _value ?? throw new ObjectDisposedException(typeof(T).Name);

        void IHeld.Release() => _value = null;
    }
}
