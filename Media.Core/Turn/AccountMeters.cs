namespace Parley.Media.Core.Turn;

/// <summary>
/// The meters of all accounts, and which accounts were just revoked. Looked at when an allocation is made or ends, never on the way of data, so a lock will do. Bounded:
/// beyond <paramref name="max"/> rows those without allocations go, and with them what they counted.
/// </summary>
/// <param name="settings">The rates.</param>
/// <param name="max">How many rows are kept.</param>
public sealed class AccountMeters(TurnSettings settings, int max = 10_000)
{
    /// <summary>How long a revoked account is refused here, in milliseconds: until whoever knows the keys refuses it.</summary>
    public const long RevokedMs = 5_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, AccountMeter> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _revoked = new(StringComparer.Ordinal);

    /// <summary>The figures of all accounts that are known.</summary>
    public IReadOnlyList<AccountLoad> Read()
    {
        lock (_gate) return [.. _rows.Values.Select(r => r.Read())];
    }

    /// <summary>Refuses an account for a while.</summary>
    public void Revoke(string account, long nowMs)
    {
        lock (_gate)
        {
            foreach (var (old, until) in _revoked)
            {
                if (until <= nowMs) _revoked.Remove(old);
            }

            _revoked[account] = nowMs + RevokedMs;
        }
    }

    /// <summary>Whether an account was revoked just now.</summary>
    internal bool IsRevoked(string account, long nowMs)
    {
        lock (_gate) return _revoked.Count > 0 && _revoked.TryGetValue(account, out var until) && until > nowMs;
    }

    /// <summary>The meter of an account, for one allocation more.</summary>
    public AccountMeter Attach(string account, bool isGuest)
    {
        lock (_gate)
        {
            var meter = Row(account, isGuest);
            meter.Attach();
            return meter;
        }
    }

    /// <summary>Counts an allocation that a limit refused.</summary>
    internal void CountRefused(string account, bool isGuest)
    {
        lock (_gate) Row(account, isGuest).CountRefused();
    }

    private AccountMeter Row(string name, bool isGuest)
    {
        if (_rows.TryGetValue(name, out var meter)) return meter;
        if (_rows.Count >= max)
        {
            foreach (var (account, row) in _rows)
            {
                if (row.Allocations == 0) _rows.Remove(account);
            }
        }

        meter = isGuest
            ? new AccountMeter(name, settings.BytesPerSecondPerGuestGroup, settings.PacketsPerSecondPerGuestGroup)
            : new AccountMeter(name, settings.BytesPerSecondPerAccount, settings.PacketsPerSecondPerAccount);
        return _rows[name] = meter;
    }
}
