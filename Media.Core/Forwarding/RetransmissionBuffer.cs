namespace Parley.Media.Core.Forwarding;

/// <summary>The protected bytes of a slot's latest packets, for a leg that has NACK but no RTX: a resend has to be byte-identical (design section 5).</summary>
internal sealed class RetransmissionBuffer
{
    private const int Slots = 512, SlotSize = 1600;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Slots * SlotSize, pinned: true);
    private readonly int[] _keys = new int[Slots];
    private readonly ushort[] _lengths = new ushort[Slots];

    public RetransmissionBuffer() => Clear();

    public void Clear() => _keys.AsSpan().Fill(-1);

    public void Keep(ushort sequence, ReadOnlySpan<byte> wire)
    {
        if (wire.Length > SlotSize) return;
        var slot = sequence % Slots;
        wire.CopyTo(_bytes.AsSpan(slot * SlotSize));
        (_keys[slot], _lengths[slot]) = (sequence, (ushort)wire.Length);
    }

    public bool TryGet(ushort sequence, out ReadOnlySpan<byte> wire)
    {
        var slot = sequence % Slots;
        var found = _keys[slot] == sequence;
        wire = found ? _bytes.AsSpan(slot * SlotSize, _lengths[slot]) : default;
        return found;
    }
}
