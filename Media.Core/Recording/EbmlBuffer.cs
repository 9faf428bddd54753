using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Parley.Media.Core.Recording;

/// <summary>EBML elements one after another (RFC 8794), in a buffer that grows and is used again.</summary>
internal sealed class EbmlBuffer
{
    private byte[] _bytes = new byte[1024];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Begins again.</summary>
    public void Clear() => Length = 0;

    /// <summary>An element's id, whose marker bits it holds already.</summary>
    public void Id(uint id)
    {
        var width = 4 - (BitOperations.LeadingZeroCount(id) / 8);
        var to = Grow(width);
        for (var i = 0; i < width; i++) to[i] = (byte)(id >> (8 * (width - 1 - i)));
    }

    /// <summary>A size in as few bytes as hold it (RFC 8794 section 4); one with all bits set would mean unknown.</summary>
    public void Size(long size)
    {
        var width = 1;
        while (size >= (1L << (7 * width)) - 1) width++;
        Size(size, width);
    }

    /// <summary>A size in a number of bytes, so that it can be written over later.</summary>
    public void Size(long size, int width)
    {
        var value = (ulong)size | (1UL << (7 * width));
        var to = Grow(width);
        for (var i = 0; i < width; i++) to[i] = (byte)(value >> (8 * (width - 1 - i)));
    }

    /// <summary>A size of eight bytes that says: unknown (RFC 8794 section 6.2).</summary>
    public void UnknownSize() => Raw([0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);

    /// <summary>An unsigned integer.</summary>
    public void Unsigned(uint id, ulong value) => Unsigned(id, value, Math.Max(1, 8 - (BitOperations.LeadingZeroCount(value) / 8)));

    /// <summary>An unsigned integer in a number of bytes.</summary>
    public void Unsigned(uint id, ulong value, int width)
    {
        Id(id);
        Size(width);
        var to = Grow(width);
        for (var i = 0; i < width; i++) to[i] = (byte)(value >> (8 * (width - 1 - i)));
    }

    /// <summary>A signed integer of eight bytes.</summary>
    public void Signed(uint id, long value) => Unsigned(id, (ulong)value, 8);

    /// <summary>A floating-point number of eight bytes.</summary>
    public void Float(uint id, double value)
    {
        Id(id);
        Size(8);
        BinaryPrimitives.WriteDoubleBigEndian(Grow(8), value);
    }

    /// <summary>Text in UTF-8.</summary>
    public void Text(uint id, string value) => Binary(id, Encoding.UTF8.GetBytes(value));

    /// <summary>Bytes.</summary>
    public void Binary(uint id, ReadOnlySpan<byte> value)
    {
        Id(id);
        Size(value.Length);
        Raw(value);
    }

    /// <summary>A master element of what another buffer holds.</summary>
    public void Master(uint id, EbmlBuffer content) => Binary(id, content.Written);

    /// <summary>A Void element (RFC 8794 section 11.3.2) that takes a number of bytes in all; none takes 0, and 1 is impossible.</summary>
    public void Void(int total)
    {
        if (total == 0) return;
        ArgumentOutOfRangeException.ThrowIfLessThan(total, 2);
        var width = total - 2 < 127 ? 1 : 4;
        Id(MatroskaId.Void);
        Size(total - 1 - width, width);
        Grow(total - 1 - width).Clear();
    }

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Grow(bytes.Length));

    private Span<byte> Grow(int count)
    {
        if (Length + count > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
