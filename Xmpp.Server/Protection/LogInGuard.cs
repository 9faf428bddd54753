using System.Net;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Protection;

/// <summary>
/// Makes guessing passwords slow without letting whoever guesses lock anybody out. What is counted is attempts; a success gives back what it took.
/// <list type="bullet">
/// <item>One account from one address: <see cref="StreamLimits.FailedLogIns"/>, then one every 20 seconds.</item>
/// <item>One account from everywhere: five times as many; beyond that an address that has not tried the account for an hour has one attempt, which is what somebody who knows the
/// password needs.</item>
/// <item>One address for all accounts: ten times as many, and five times as many again for such first attempts.</item>
/// <item>An account that has logged in from an address before goes by the first of these alone.</item>
/// </list>
/// Tokens (XEP-0484) are not guessed, and not counted.
/// </summary>
internal sealed class LogInGuard(StreamLimits limits, LimitLog log, TimeProvider time)
{
    /// <summary>The most addresses, accounts and pairs of both that are remembered, each.</summary>
    public const int MaxRemembered = 50_000;

    // How fast attempts come back.
    private const double PerPair = 1 / 20.0, PerAccount = 1 / 30.0, PerAddress = 1;

    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan Known = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly RecentTable<(Jid Account, IPAddress? Address), Pair> _pairs = new(MaxRemembered);
    private readonly RecentTable<Jid, Counted> _accounts = new(MaxRemembered);
    private readonly RecentTable<IPAddress, Counted> _addresses = new(MaxRemembered);

    private int OfPair => limits.FailedLogIns;

    private int OfAccount => limits.FailedLogIns * 5;

    private int OfAddress => limits.FailedLogIns * 10;

    private int OfAddressAtFirst => limits.FailedLogIns * 15;

    /// <summary>Whether an account may be tried now; counts the attempt.</summary>
    public bool TryBegin(Jid account, IPAddress? address)
    {
        if (OfPair == 0) return true;
        account = account.Bare;
        var from = address is null ? null : ConnectionGate.KeyOf(address);
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var pair = _pairs.Get((account, from));
            var isFresh = pair.TriedAt is not { } tried || time.GetElapsedTime(tried, now) >= Fresh;
            var isKnown = pair.SucceededAt is { } succeeded && time.GetElapsedTime(succeeded, now) < Known;
            pair.Attempts.Refill(now, time, PerPair);
            var all = _accounts.Get(account);
            all.Attempts.Refill(now, time, PerAccount);
            // Whoever is behind a proxy on this machine is anybody.
            var here = from is null || isKnown || IPAddress.IsLoopback(from) ? null : _addresses.Get(from);
            here?.Attempts.Refill(now, time, PerAddress);
            if (pair.Attempts.Spent + 1 <= OfPair && (isKnown || (FitsAccount() && FitsAddress())))
            {
                pair.TriedAt = now;
                pair.Attempts.Spend(1);
                all.Attempts.Spend(1);
                here?.Attempts.Spend(1);
                return true;
            }

            bool FitsAccount() => isFresh || all.Attempts.Spent + 1 <= OfAccount;
            bool FitsAddress() => here is null || here.Attempts.Spent + 1 <= (isFresh ? OfAddressAtFirst : OfAddress);
        }

        log.Tell(MetLimit.LogIns, $"{from} as {account}");
        return false;
    }

    /// <summary>An account has logged in by its password.</summary>
    public void Succeeded(Jid account, IPAddress? address)
    {
        if (OfPair == 0) return;
        account = account.Bare;
        var from = address is null ? null : ConnectionGate.KeyOf(address);
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var pair = _pairs.Get((account, from));
            // What its owner mistyped before is given back wherever it counted.
            var own = pair.Attempts.Spent;
            pair.Attempts.Clear();
            pair.TriedAt = null;
            pair.SucceededAt = now;
            _accounts.Get(account).Attempts.Return(own);
            if (from is not null && !IPAddress.IsLoopback(from)) _addresses.Get(from).Attempts.Return(own);
        }
    }

    private class Counted
    {
        public Budget Attempts;
    }

    private sealed class Pair : Counted
    {
        public long? TriedAt { get; set; }

        public long? SucceededAt { get; set; }
    }
}
