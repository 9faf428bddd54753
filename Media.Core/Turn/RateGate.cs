namespace Parley.Media.Core.Turn;

/// <summary>
/// A token bucket in one word, which holds a second's worth (the generic cell rate algorithm: the word is the time at which the bucket would be full again). Many threads
/// take from it without a lock; a rate of 0 is no limit.
/// </summary>
/// <param name="perSecond">How much a second.</param>
public sealed class RateGate(long perSecond)
{
    private const long SecondNs = 1_000_000_000, MsNs = 1_000_000;

    private long _fullAt;

    /// <summary>Takes an amount, if it is there. An amount above a second's worth passes once the bucket is full.</summary>
    public bool TryTake(long amount, long nowMs)
    {
        if (perSecond == 0) return true;
        var (now, cost) = (nowMs * MsNs, Cost(amount));
        while (true)
        {
            var fullAt = Volatile.Read(ref _fullAt);
            var next = Math.Max(fullAt, now) + cost;
            if (next - now > SecondNs && fullAt > now) return false;
            if (Interlocked.CompareExchange(ref _fullAt, next, fullAt) == fullAt) return true;
        }
    }

    /// <summary>Takes an amount in any case; returns for how many milliseconds its taker has to pause now.</summary>
    public int Owe(long amount, long nowMs)
    {
        if (perSecond == 0) return 0;
        var (now, cost) = (nowMs * MsNs, Cost(amount));
        while (true)
        {
            var fullAt = Volatile.Read(ref _fullAt);
            var next = Math.Max(fullAt, now) + cost;
            if (Interlocked.CompareExchange(ref _fullAt, next, fullAt) != fullAt) continue;
            return (int)Math.Clamp((next - now - SecondNs) / MsNs, 0, int.MaxValue);
        }
    }

    private long Cost(long amount) => Math.Max(1, (long)((Int128)amount * SecondNs / perSecond));
}
