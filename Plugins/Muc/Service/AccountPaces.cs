using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Muc.Service;

/// <summary>How often each account does something in rooms. From any thread.</summary>
internal sealed class AccountPaces(TimeProvider clock)
{
    /// <summary>The most accounts remembered. Beyond that newcomers share one pace.</summary>
    public const int MaxAccounts = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Jid, TokenBucket> _accounts = [];
    private readonly TokenBucket _crowd = new(clock);

    /// <summary>Whether an account may do it once more.</summary>
    public bool TryPass(Jid account, int perMinute)
    {
        lock (_gate)
        {
            if (_accounts.TryGetValue(account, out var bucket)) return bucket.TryPass(perMinute);
            if (_accounts.Count >= MaxAccounts)
            {
                foreach (var (idle, _) in _accounts.Where(a => a.Value.IsFull(perMinute)).ToList()) _accounts.Remove(idle);
                if (_accounts.Count >= MaxAccounts) return _crowd.TryPass(perMinute);
            }

            bucket = _accounts[account] = new TokenBucket(clock);
            return bucket.TryPass(perMinute);
        }
    }
}
