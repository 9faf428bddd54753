using System.Collections.Concurrent;

namespace Parley.Media.Core.Turn;

/// <summary>How many relay ports each account holds, over all workers.</summary>
public sealed class AccountUse
{
    // An account that holds none has no row.
    private readonly ConcurrentDictionary<string, int> _held = new(StringComparer.Ordinal);

    /// <summary>How many an account holds.</summary>
    public int Of(string account) => _held.GetValueOrDefault(account);

    /// <summary>Takes some more, unless that would pass a limit.</summary>
    public bool TryTake(string account, int count, int limit)
    {
        while (true)
        {
            var held = Of(account);
            if (held + count > limit) return false;
            if (held == 0 ? _held.TryAdd(account, count) : _held.TryUpdate(account, held + count, held)) return true;
        }
    }

    /// <summary>Gives one back.</summary>
    public void Release(string account)
    {
        while (true)
        {
            var held = Of(account);
            if (held == 0) throw new InvalidOperationException("More was given back than taken.");
            if (held == 1 ? _held.TryRemove(new(account, 1)) : _held.TryUpdate(account, held - 1, held)) return;
        }
    }
}
