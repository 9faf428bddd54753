namespace Parley.Media.Relay.Mixing;

/// <summary>Payloads on their way from one thread to one other, in order, in a ring of fixed size: what does not fit is dropped. Nothing is allocated per packet.</summary>
internal sealed class PacketPipe
{
    private const int SlotSize = 1500;

    private readonly byte[] _bytes;
    private readonly Head[] _heads;
    private long _written, _read;

    /// <summary>Makes a pipe.</summary>
    /// <param name="slots">How many packets it holds; a power of two.</param>
    public PacketPipe(int slots) => (_bytes, _heads) = (new byte[slots * SlotSize], new Head[slots]);

    /// <summary>Packets that found no room.</summary>
    public long Dropped { get; private set; }

    /// <summary>Puts a packet in; only from the writing thread.</summary>
    public bool TryWrite(in Head head, ReadOnlySpan<byte> payload)
    {
        if (_written - Volatile.Read(ref _read) >= _heads.Length || payload.Length > SlotSize)
        {
            Dropped++;
            return false;
        }

        var slot = (int)(_written & (_heads.Length - 1));
        _heads[slot] = head with { Length = payload.Length };
        payload.CopyTo(_bytes.AsSpan(slot * SlotSize));
        Volatile.Write(ref _written, _written + 1);
        return true;
    }

    /// <summary>Looks at the next packet; only from the reading thread. It stays until <see cref="Release"/>.</summary>
    public bool TryRead(out Head head, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (_read >= Volatile.Read(ref _written))
        {
            head = default;
            return false;
        }

        var slot = (int)(_read & (_heads.Length - 1));
        head = _heads[slot];
        payload = _bytes.AsSpan(slot * SlotSize, head.Length);
        return true;
    }

    /// <summary>The packet was taken.</summary>
    public void Release() => Volatile.Write(ref _read, _read + 1);

    /// <summary>What goes along with a payload.</summary>
    /// <param name="Id">Whose it is.</param>
    /// <param name="Position">Its extended sequence number.</param>
    /// <param name="Timestamp">Its timestamp.</param>
    /// <param name="PayloadType">Its payload type.</param>
    /// <param name="ArrivalMs">When it came.</param>
    /// <param name="Length">The payload's length.</param>
    /// <param name="CaptureMs">When it was made, as far as is known and somebody cares.</param>
    internal readonly record struct Head(int Id, long Position, uint Timestamp, byte PayloadType, long ArrivalMs, int Length = 0, long CaptureMs = 0);
}
