using Parley.Media.Core;

namespace Parley.Media.Relay.Native;

/// <summary>
/// The datagrams of a round by destination and source, each group in the order in which it was filled: fan-out writes packet by packet, and the kernel takes runs to one
/// destination. A bounded table with open addressing; nothing is allocated after the constructor.
/// </summary>
internal sealed class SendGroups
{
    private const int None = -1;

    private readonly Group[] _groups;
    private readonly int[] _next, _table;
    private readonly int _shift;
    private int _latest;
    // Peers choose addresses and ports, but not how they collide.
    private readonly ulong _seed = (ulong)Random.Shared.NextInt64() | 1;

    public SendGroups(int capacity)
    {
        _groups = new Group[capacity];
        _next = new int[capacity];
        var bits = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)(2 * capacity) - 1);
        _table = new int[1 << bits];
        _shift = 64 - bits;
        _table.AsSpan().Fill(None);
    }

    /// <summary>How many groups there are.</summary>
    public int Count { get; private set; }

    /// <summary>A group, in the order of their first datagrams.</summary>
    public ref readonly Group this[int group] => ref _groups[group];

    /// <summary>The datagram that follows another in its group; negative for none.</summary>
    public int Next(int datagram) => _next[datagram];

    /// <summary>Puts a datagram behind its group's others.</summary>
    public void Add(int datagram, in AddressKey local, in AddressKey remote)
    {
        _next[datagram] = None;
        if (Count > 0 && TryAppend(ref _groups[_latest], datagram, local, remote)) return;
        var mask = _table.Length - 1;
        for (var at = Place(local, remote); ; at = (at + 1) & mask)
        {
            var index = _table[at];
            if (index == None)
            {
                _table[at] = _latest = Count;
                _groups[Count++] = new() { Local = local, Remote = remote, First = datagram, Last = datagram, Place = at };
                return;
            }

            if (!TryAppend(ref _groups[index], datagram, local, remote)) continue;
            _latest = index;
            return;
        }
    }

    /// <summary>Forgets them all.</summary>
    public void Clear()
    {
        for (var i = 0; i < Count; i++) _table[_groups[i].Place] = None;
        Count = 0;
    }

    private bool TryAppend(ref Group group, int datagram, in AddressKey local, in AddressKey remote)
    {
        if (group.Remote != remote || group.Local != local) return false;
        _next[group.Last] = datagram;
        group.Last = datagram;
        return true;
    }

    private int Place(in AddressKey local, in AddressKey remote)
    {
        var high = (ulong)(remote.Address >> 64) ^ ulong.RotateLeft((ulong)local.Address, 32);
        var low = (ulong)remote.Address ^ ((ulong)remote.Port << 48) ^ ((ulong)local.Port << 24);
        var mixed = ((low ^ _seed) * 0x9E37_79B9_7F4A_7C15) ^ (high * 0xC2B2_AE3D_27D4_EB4F);
        return (int)(((mixed ^ (mixed >> 29)) * _seed) >> _shift);
    }

    /// <summary>The datagrams to one address from one address.</summary>
    public struct Group
    {
        public AddressKey Local, Remote;
        public int First, Last, Place;
    }
}
