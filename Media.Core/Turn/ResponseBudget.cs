namespace Parley.Media.Core.Turn;

/// <summary>
/// How many answers an unauthenticated sender's network may have (design section 5): 1,000 a second and 2,000 at once per /24 or /56, none refused to loopback.
/// A forged source address can so be sent only so much by us. Fixed in size, and strict: where every slot of a network's set is in use, it gets no answer.
/// </summary>
public sealed class ResponseBudget
{
    private const int Ways = 4, PerSecond = 1000;
    private const double Burst = 2000;
    private static readonly AddressRange LoopbackIPv4 = AddressRange.Parse("127.0.0.0/8"), LoopbackIPv6 = AddressRange.Parse("::1/128");

    private readonly Bucket[] _buckets;
    private readonly UInt128 _seed;

    /// <summary>Makes a budget.</summary>
    /// <param name="seed">Random, so that nobody can choose networks that share a set.</param>
    /// <param name="sets">A power of two.</param>
    public ResponseBudget(UInt128 seed, int sets = 2048)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(System.Numerics.BitOperations.IsPow2(sets), true);
        (_seed, _buckets) = (seed, new Bucket[sets * Ways]);
    }

    /// <summary>Takes one answer's worth.</summary>
    /// <param name="source">The source address.</param>
    /// <param name="nowMs">The time in milliseconds, never falling.</param>
    public bool TryTake(UInt128 source, long nowMs)
    {
        if (LoopbackIPv4.Contains(source) || LoopbackIPv6.Contains(source)) return true;
        var network = source >> (AddressBits.IsIPv4(source, out _) ? 8 : 72);
        // A /56 and a /24 never coincide: the mapped form's shifted bits are 0xffff and 24 more, an IPv6 /56 of that value lies in the reserved ::/16.
        var start = (int)(Mix(network) % (ulong)(_buckets.Length / Ways)) * Ways;
        var free = -1;
        for (var i = start; i < start + Ways; i++)
        {
            ref var bucket = ref _buckets[i];
            if (bucket.Network == network && bucket.IsUsed) return bucket.TryTake(nowMs);
            if (free < 0 && bucket.IsFull(nowMs)) free = i;
        }

        if (free < 0) return false;
        _buckets[free] = new Bucket { Network = network, IsUsed = true, Tokens = Burst, At = nowMs };
        return _buckets[free].TryTake(nowMs);
    }

    private ulong Mix(UInt128 network)
    {
        // splitmix64's finisher over both halves.
        var x = (ulong)network ^ (ulong)_seed ^ (((ulong)(network >> 64) ^ (ulong)(_seed >> 64)) * 0x9e3779b97f4a7c15);
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }

    private struct Bucket
    {
        public UInt128 Network;
        public bool IsUsed;
        public double Tokens;
        public long At;

        public readonly bool IsFull(long nowMs) => !IsUsed || Filled(nowMs) >= Burst;

        public bool TryTake(long nowMs)
        {
            (Tokens, At) = (Filled(nowMs), nowMs);
            if (Tokens < 1) return false;
            Tokens--;
            return true;
        }

        private readonly double Filled(long nowMs) => Math.Min(Burst, Tokens + (nowMs - At) * (PerSecond / 1000.0));
    }
}
