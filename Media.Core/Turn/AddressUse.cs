using System.Collections.Concurrent;

namespace Parley.Media.Core.Turn;

/// <summary>
/// How many connections each address has, and all together; IPv6 counts by its /64, which is one site's. Loopback is bounded only by the sum: who is on this machine
/// needs no flood. Safe from any thread.
/// </summary>
/// <param name="perAddress">The most of one address.</param>
/// <param name="inAll">The most of all.</param>
public sealed class AddressUse(int perAddress, int inAll)
{
    private static readonly AddressRange LoopbackIPv4 = AddressRange.Parse("127.0.0.0/8"), LoopbackIPv6 = AddressRange.Parse("::1/128");

    private readonly ConcurrentDictionary<UInt128, int> _held = new();
    private int _all;

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _all);

    /// <summary>Takes one; false where that would be too many.</summary>
    public bool TryTake(UInt128 address)
    {
        if (Interlocked.Increment(ref _all) <= inAll && (IsLoopback(address) || TryTakeOf(Site(address)))) return true;
        Interlocked.Decrement(ref _all);
        return false;
    }

    /// <summary>Gives one back that was taken.</summary>
    public void Release(UInt128 address)
    {
        Interlocked.Decrement(ref _all);
        if (IsLoopback(address)) return;
        var site = Site(address);
        while (true)
        {
            if (!_held.TryGetValue(site, out var held)) throw new InvalidOperationException("More was given back than taken.");
            if (held == 1 ? _held.TryRemove(new(site, 1)) : _held.TryUpdate(site, held - 1, held)) return;
        }
    }

    private bool TryTakeOf(UInt128 site)
    {
        while (true)
        {
            if (!_held.TryGetValue(site, out var held))
            {
                if (_held.TryAdd(site, 1)) return true;
            }
            else if (held >= perAddress)
            {
                return false;
            }
            else if (_held.TryUpdate(site, held + 1, held))
            {
                return true;
            }
        }
    }

    private static UInt128 Site(UInt128 address) => AddressBits.IsIPv4(address, out _) ? address : address & (UInt128.MaxValue << 64);

    private static bool IsLoopback(UInt128 address) => LoopbackIPv4.Contains(address) || LoopbackIPv6.Contains(address);
}
