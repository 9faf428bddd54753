using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins;

/// <summary>One at a time for each account. A lock exists only while somebody holds it or waits for it.</summary>
internal sealed class AccountLocks
{
    private readonly Dictionary<Jid, Held> _held = [];

    /// <summary>Waits for an account; disposing the result lets the next one in.</summary>
    public async ValueTask<IDisposable> EnterAsync(Jid account, CancellationToken ct)
    {
        Held held;
        lock (_held)
        {
            if (!_held.TryGetValue(account, out held!)) _held.Add(account, held = new Held(this, account));
            held.Users++;
        }

        try
        {
            await held.Turn.WaitAsync(ct);
            return new Entered(held);
        }
        catch (OperationCanceledException)
        {
            held.Leave();
            throw;
        }
    }

    private sealed class Held(AccountLocks owner, Jid account)
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Users { get; set; }

        public void Leave()
        {
            lock (owner._held)
            {
                if (--Users > 0) return;
                owner._held.Remove(account);
                Turn.Dispose();
            }
        }
    }

    private sealed class Entered(Held held) : IDisposable
    {
        public void Dispose()
        {
            held.Turn.Release();
            held.Leave();
        }
    }
}
