using Parley.Media.Core.Rtp;

namespace Parley.Media.Core.Forwarding;

/// <summary>What is known of a packet in a track's ring.</summary>
public struct PacketInfo
{
    /// <summary>Its extended sequence number: the place in the ring.</summary>
    public long Position { get; internal set; }

    /// <summary>When it came.</summary>
    public long ArrivalMs { get; internal set; }

    /// <summary>Its timestamp.</summary>
    public uint Timestamp { get; internal set; }

    /// <summary>Where the payload starts.</summary>
    public ushort HeaderLength { get; internal set; }

    /// <summary>The payload's length without padding.</summary>
    public ushort PayloadLength { get; internal set; }

    /// <summary>The payload type of the leg that it came from.</summary>
    public byte PayloadType { get; internal set; }

    /// <summary>The marker bit.</summary>
    public bool Marker { get; internal set; }

    /// <summary>Whether there is nothing to forward in it: padding only, or a payload type that nobody negotiated.</summary>
    public bool IsVoid { get; internal set; }

    /// <summary>Whether a keyframe starts in it.</summary>
    public bool StartsKeyframe { get; internal set; }

    /// <summary>RFC 6464; -1 if absent.</summary>
    public short AudioLevel { get; internal set; }

    /// <summary>The video orientation byte; -1 if absent.</summary>
    public short VideoOrientation { get; internal set; }

    internal PayloadFormat Format { get; set; }
}

/// <summary>A track's latest packets in slots of fixed size, found by extended sequence number.</summary>
internal sealed class PacketRing
{
    /// <summary>The longest packet kept: an Ethernet frame's worth.</summary>
    public const int SlotSize = 1504;

    private readonly byte[] _bytes;
    private readonly PacketInfo[] _infos;
    private readonly int _mask;

    public PacketRing(int slots)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(System.Numerics.BitOperations.IsPow2(slots), true);
        _bytes = GC.AllocateUninitializedArray<byte>(slots * SlotSize, pinned: true);
        _infos = new PacketInfo[slots];
        _mask = slots - 1;
        foreach (ref var info in _infos.AsSpan()) info.Position = -1;
    }

    public int Slots => _infos.Length;

    public bool Has(long position) => _infos[position & _mask].Position == position;

    /// <summary>What is known of a position's slot; only good if <see cref="Has"/>.</summary>
    public ref readonly PacketInfo Info(long position) => ref _infos[position & _mask];

    public ReadOnlySpan<byte> Payload(long position)
    {
        var slot = (int)(position & _mask);
        return _bytes.AsSpan(slot * SlotSize + _infos[slot].HeaderLength, _infos[slot].PayloadLength);
    }

    public void Store(ReadOnlySpan<byte> packet, in PacketInfo info)
    {
        var slot = (int)(info.Position & _mask);
        if (!info.IsVoid) packet.CopyTo(_bytes.AsSpan(slot * SlotSize, SlotSize));
        _infos[slot] = info;
    }
}
