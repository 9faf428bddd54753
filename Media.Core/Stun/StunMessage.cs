using System.Buffers.Binary;

namespace Parley.Media.Core.Stun;

/// <summary>
/// A STUN message over the bytes that it came in (RFC 8489 section 5). Once <see cref="TryParse"/> has said yes every attribute lies within bounds. Of an attribute
/// that occurs twice the first counts, and what follows MESSAGE-INTEGRITY is not seen except a stronger integrity and the fingerprint (section 14.5).
/// </summary>
public readonly ref struct StunMessage
{
    /// <summary>The fixed header's length.</summary>
    public const int HeaderLength = 20;

    /// <summary>The magic cookie at offset 4.</summary>
    public const uint Cookie = 0x2112A442;

    private StunMessage(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Its class.</summary>
    public StunClass Class => (StunClass)(((Bytes[0] & 1) << 1) | ((Bytes[1] >> 4) & 1));

    /// <summary>Its method.</summary>
    public StunMethod Method
    {
        get
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(Bytes);
            return (StunMethod)((type & 0x000F) | ((type & 0x00E0) >> 1) | ((type & 0x3E00) >> 2));
        }
    }

    /// <summary>Its transaction id, 12 bytes.</summary>
    public ReadOnlySpan<byte> TransactionId => Bytes.Slice(8, 12);

    /// <summary>The attributes' bytes.</summary>
    internal ReadOnlySpan<byte> Body => Bytes[HeaderLength..];

    /// <summary>Whether a datagram has the shape of a STUN header (RFC 8489 section 6.3): cheap, for telling protocols apart.</summary>
    public static bool LooksLikeStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderLength && datagram[0] < 4 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == Cookie;

    /// <summary>The length that a stream's next message claims, header included, once 20 bytes are there.</summary>
    public static int LengthOf(ReadOnlySpan<byte> header) => HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(header[2..]);

    /// <summary>Reads a message that fills a datagram exactly.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (!LooksLikeStun(datagram) || (datagram.Length & 3) != 0 || LengthOf(datagram) != datagram.Length) return false;
        for (var rest = datagram[HeaderLength..]; !rest.IsEmpty;)
        {
            var padded = 4 + Padded(BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
            if (padded > rest.Length) return false;
            rest = rest[padded..];
        }

        message = new StunMessage(datagram);
        return true;
    }

    /// <summary>Goes through all attributes in order.</summary>
    public StunAttributeEnumerator GetEnumerator() => new(Body);

    /// <summary>Finds an attribute's value.</summary>
    public bool TryGet(StunAttribute type, out ReadOnlySpan<byte> value)
    {
        var sealedAlready = false;
        foreach (var attribute in this)
        {
            if (sealedAlready && attribute.Type is not (StunAttribute.MessageIntegritySha256 or StunAttribute.Fingerprint)) continue;
            if (attribute.Type == type)
            {
                value = attribute.Value;
                return true;
            }

            sealedAlready |= attribute.Type is StunAttribute.MessageIntegrity or StunAttribute.MessageIntegritySha256;
        }

        value = default;
        return false;
    }

    /// <summary>Whether an attribute is there.</summary>
    public bool Has(StunAttribute type) => TryGet(type, out _);

    /// <summary>Finds an attribute of 4 bytes.</summary>
    public bool TryGetUInt32(StunAttribute type, out uint value)
    {
        var found = TryGet(type, out var bytes) && bytes.Length == 4;
        value = found ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
        return found;
    }

    /// <summary>Finds an attribute of 8 bytes.</summary>
    public bool TryGetUInt64(StunAttribute type, out ulong value)
    {
        var found = TryGet(type, out var bytes) && bytes.Length == 8;
        value = found ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;
        return found;
    }

    /// <summary>Finds an XOR'ed address: XOR-MAPPED-ADDRESS, XOR-PEER-ADDRESS or XOR-RELAYED-ADDRESS.</summary>
    public bool TryGetXorAddress(StunAttribute type, out AddressKey address)
    {
        address = default;
        return TryGet(type, out var value) && StunAddress.TryReadXor(value, TransactionId, out address);
    }

    /// <summary>The code of ERROR-CODE (RFC 8489 section 14.8), 300 to 699.</summary>
    public bool TryGetErrorCode(out int code)
    {
        code = 0;
        if (!TryGet(StunAttribute.ErrorCode, out var value) || value.Length < 4) return false;
        code = (value[2] & 7) * 100 + value[3];
        return code is >= 300 and <= 699 && value[3] < 100;
    }

    /// <summary>Lists the attributes that must be understood and are not among <paramref name="known"/> (RFC 8489 section 6.3.1), as far as they fit.</summary>
    /// <returns>How many were written.</returns>
    public int FindUnknownRequired(ReadOnlySpan<StunAttribute> known, Span<StunAttribute> unknown)
    {
        var count = 0;
        foreach (var attribute in this)
        {
            if (attribute.Type is StunAttribute.MessageIntegrity or StunAttribute.MessageIntegritySha256) break;
            if ((ushort)attribute.Type >= 0x8000 || known.Contains(attribute.Type) || unknown[..count].Contains(attribute.Type)) continue;
            if (count == unknown.Length) break;
            unknown[count++] = attribute.Type;
        }

        return count;
    }

    internal static int Padded(int length) => (length + 3) & ~3;
}

/// <summary>An attribute: its number, its value without padding, and where its header starts in the message.</summary>
public readonly ref struct StunAttributeView(StunAttribute type, ReadOnlySpan<byte> value, int offset)
{
    /// <summary>The number.</summary>
    public StunAttribute Type { get; } = type;

    /// <summary>The value without padding.</summary>
    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>Offset of the attribute's own header from the message's start.</summary>
    public int Offset { get; } = offset;
}

/// <summary>Walks attributes whose bounds were checked.</summary>
public ref struct StunAttributeEnumerator
{
    private readonly ReadOnlySpan<byte> _body;
    private int _next;

    internal StunAttributeEnumerator(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>The attribute reached.</summary>
    public StunAttributeView Current { get; private set; }

    /// <summary>Goes on to the next.</summary>
    public bool MoveNext()
    {
        if (_next >= _body.Length) return false;
        var rest = _body[_next..];
        var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        Current = new((StunAttribute)BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Slice(4, length), StunMessage.HeaderLength + _next);
        _next += 4 + StunMessage.Padded(length);
        return true;
    }
}
