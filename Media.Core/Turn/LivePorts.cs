namespace Parley.Media.Core.Turn;

/// <summary>The relayed ports of live allocations, shared by all workers: a bit a port and family, changed atomically.</summary>
public sealed class LivePorts
{
    private readonly long[] _ipv4 = new long[65536 / 64], _ipv6 = new long[65536 / 64];

    /// <summary>Notes that an allocation holds a port.</summary>
    public void Add(int port, bool isIPv6) => Interlocked.Or(ref Word(port, isIPv6), 1L << (port & 63));

    /// <summary>Notes that an allocation holds a port; false if one does already.</summary>
    public bool TryAdd(int port, bool isIPv6) => (Interlocked.Or(ref Word(port, isIPv6), 1L << (port & 63)) & (1L << (port & 63))) == 0;

    /// <summary>Notes that it no longer does.</summary>
    public void Remove(int port, bool isIPv6) => Interlocked.And(ref Word(port, isIPv6), ~(1L << (port & 63)));

    /// <summary>Whether an allocation holds it.</summary>
    public bool Contains(int port, bool isIPv6) => port is >= 0 and <= 65535 && (Volatile.Read(ref Word(port, isIPv6)) & (1L << (port & 63))) != 0;

    private ref long Word(int port, bool isIPv6) => ref (isIPv6 ? _ipv6 : _ipv4)[port >> 6];
}
