using System.Buffers.Binary;

namespace Parley.Media.Relay.Native;

/// <summary>The borders of DTLS 1.2 records (RFC 6347 section 4.1): type, version, epoch, sequence number, length.</summary>
internal static class DtlsRecords
{
    public const int HeaderLength = 13;

    private const byte Handshake = 22, ClientHello = 1;

    /// <summary>Whether a datagram begins with a whole record of any DTLS version; what does not is nothing to OpenSSL either.</summary>
    public static bool Begins(ReadOnlySpan<byte> datagram) => datagram.Length > HeaderLength && datagram[0] is >= 20 and <= 25 && datagram[1] == 0xFE && LengthOf(datagram) <= datagram.Length;

    /// <summary>Whether the first record begins a handshake.</summary>
    public static bool IsClientHello(ReadOnlySpan<byte> datagram) => datagram[0] == Handshake && datagram[HeaderLength] == ClientHello;

    /// <summary>The first record's length, with its header.</summary>
    public static int LengthOf(ReadOnlySpan<byte> records) => HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(records[11..]);
}
