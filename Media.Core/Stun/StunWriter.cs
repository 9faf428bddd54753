using System.Buffers.Binary;

namespace Parley.Media.Core.Stun;

/// <summary>
/// Writes a STUN message into a span. What does not fit makes <see cref="Length"/> 0 for good, so that a caller checks once, at the end.
/// </summary>
public ref struct StunWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    /// <summary>Starts a message.</summary>
    public StunWriter(Span<byte> buffer, StunClass @class, StunMethod method, scoped ReadOnlySpan<byte> transactionId)
    {
        _buffer = buffer;
        if (buffer.Length < StunMessage.HeaderLength || transactionId.Length != 12)
        {
            _length = -1;
            return;
        }

        var (m, c) = ((int)method, (int)@class);
        var type = (m & 0x000F) | ((m & 0x0070) << 1) | ((m & 0x0F80) << 2) | ((c & 1) << 4) | ((c & 2) << 7);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.Cookie);
        transactionId.CopyTo(buffer[8..]);
        _length = StunMessage.HeaderLength;
    }

    /// <summary>The message's length so far, or 0 if something did not fit.</summary>
    public readonly int Length => Math.Max(_length, 0);

    /// <summary>The message so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    /// <summary>Adds an attribute with a value given as bytes.</summary>
    public void Add(StunAttribute type, scoped ReadOnlySpan<byte> value)
    {
        var to = Append(type, value.Length);
        if (!to.IsEmpty) value.CopyTo(to);
    }

    /// <summary>Adds an attribute without value.</summary>
    public void AddFlag(StunAttribute type) => Append(type, 0);

    /// <summary>Adds an attribute of 4 bytes.</summary>
    public void AddUInt32(StunAttribute type, uint value)
    {
        var to = Append(type, 4);
        if (!to.IsEmpty) BinaryPrimitives.WriteUInt32BigEndian(to, value);
    }

    /// <summary>Adds an attribute of 8 bytes.</summary>
    public void AddUInt64(StunAttribute type, ulong value)
    {
        var to = Append(type, 8);
        if (!to.IsEmpty) BinaryPrimitives.WriteUInt64BigEndian(to, value);
    }

    /// <summary>Adds an XOR'ed address.</summary>
    public void AddXorAddress(StunAttribute type, AddressKey address)
    {
        Span<byte> value = stackalloc byte[StunAddress.MaxLength];
        if (_length > 0) Add(type, value[..StunAddress.Write(value, address, _buffer.Slice(8, 12))]);
    }

    /// <summary>Adds ERROR-CODE; the phrase may be empty.</summary>
    public void AddErrorCode(int code, scoped ReadOnlySpan<byte> phrase = default)
    {
        var to = Append(StunAttribute.ErrorCode, 4 + phrase.Length);
        if (to.IsEmpty) return;
        (to[0], to[1], to[2], to[3]) = (0, 0, (byte)(code / 100), (byte)(code % 100));
        phrase.CopyTo(to[4..]);
    }

    /// <summary>Adds UNKNOWN-ATTRIBUTES.</summary>
    public void AddUnknownAttributes(scoped ReadOnlySpan<StunAttribute> unknown)
    {
        var to = Append(StunAttribute.UnknownAttributes, unknown.Length * 2);
        for (var i = 0; i < unknown.Length && !to.IsEmpty; i++) BinaryPrimitives.WriteUInt16BigEndian(to[(2 * i)..], (ushort)unknown[i]);
    }

    /// <summary>Adds MESSAGE-INTEGRITY; only a stronger integrity and the fingerprint may follow.</summary>
    public void AddIntegrity(scoped ReadOnlySpan<byte> key) => AddHmac(StunAttribute.MessageIntegrity, 20, key);

    /// <summary>Adds MESSAGE-INTEGRITY-SHA256; only the fingerprint may follow.</summary>
    public void AddIntegritySha256(scoped ReadOnlySpan<byte> key) => AddHmac(StunAttribute.MessageIntegritySha256, 32, key);

    /// <summary>Adds FINGERPRINT; nothing may follow.</summary>
    public void AddFingerprint()
    {
        var before = _length;
        var to = Append(StunAttribute.Fingerprint, 4);
        if (!to.IsEmpty) BinaryPrimitives.WriteUInt32BigEndian(to, Crc32.Compute(_buffer[..before]) ^ StunIntegrity.FingerprintXor);
    }

    private void AddHmac(StunAttribute type, int size, scoped ReadOnlySpan<byte> key)
    {
        var before = _length;
        var to = Append(type, size);
        if (to.IsEmpty) return;
        Span<byte> hash = stackalloc byte[32];
        StunIntegrity.Compute(_buffer[..before], size, key, type == StunAttribute.MessageIntegritySha256, hash);
        hash[..size].CopyTo(to);
    }

    /// <summary>Writes an attribute's header and padding and returns where its value goes: empty if it did not fit, or has no value.</summary>
    private Span<byte> Append(StunAttribute type, int length)
    {
        var padded = StunMessage.Padded(length);
        if (_length < 0 || length > ushort.MaxValue - 3 || _length + 4 + padded > Math.Min(_buffer.Length, ushort.MaxValue))
        {
            _length = -1;
            return default;
        }

        var to = _buffer.Slice(_length, 4 + padded);
        BinaryPrimitives.WriteUInt16BigEndian(to, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)length);
        to[(4 + length)..].Clear();
        _length += 4 + padded;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_length - StunMessage.HeaderLength));
        return to.Slice(4, length);
    }
}
