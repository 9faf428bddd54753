using System.Buffers.Binary;

namespace Parley.Media.Relay.Native;

/// <summary>The borders of DTLS 1.2 records (RFC 6347 section 4.1): type, version, epoch, sequence number, length.</summary>
internal static class DtlsRecords
{
    public const int HeaderLength = 13;

    private const byte Handshake = 22, ClientHello = 1;

    /// <summary>Whether a datagram begins with a whole record of any DTLS version; what does not is nothing to OpenSSL either.</summary>
    public static bool Begins(ReadOnlySpan<byte> datagram) => datagram.Length > HeaderLength && datagram[0] is >= 20 and <= 25 && datagram[1] == 0xFE && LengthOf(datagram) <= datagram.Length;

    // Every cipher here is GCM (RFC 5288 section 3): 8 bytes of nonce, 16 of tag, and the least that they may protect.
    private const int LeastProtected = 8 + 16 + 1;

    /// <summary>
    /// How many bytes of a datagram are whole records that may mean something. OpenSSL passes over what it cannot decrypt, but a protected record too short for its tag
    /// ends its association or leaves it deaf, and anybody could send one.
    /// </summary>
    public static int Prefix(ReadOnlySpan<byte> datagram)
    {
        var length = 0;
        while (Begins(datagram[length..]))
        {
            var record = datagram[length..];
            var isProtected = BinaryPrimitives.ReadUInt16BigEndian(record[3..]) != 0;
            var size = LengthOf(record);
            if (size < HeaderLength + (isProtected ? LeastProtected : 1)) break;
            length += size;
        }

        return length;
    }

    /// <summary>Whether the first record begins a handshake.</summary>
    public static bool IsClientHello(ReadOnlySpan<byte> datagram) => datagram[0] == Handshake && datagram[HeaderLength] == ClientHello;

    /// <summary>The first record's length, with its header.</summary>
    public static int LengthOf(ReadOnlySpan<byte> records) => HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(records[11..]);
}
