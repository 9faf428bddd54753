using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace Parley.Server.Host.Doctor;

/// <summary>The one question that every STUN server answers to strangers (RFC 8489 section 3).</summary>
internal static class StunBinding
{
    private const int HeaderLength = 20, AttributeHeader = 4;
    private const uint Cookie = 0x2112A442;
    private const ushort BindingRequest = 0x0001, BindingSuccess = 0x0101, XorMappedAddress = 0x0020;

    /// <summary>A request with a transaction of its own.</summary>
    public static byte[] Request()
    {
        var message = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt16BigEndian(message, BindingRequest);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), Cookie);
        RandomNumberGenerator.Fill(message.AsSpan(8));
        return message;
    }

    /// <summary>Reads the answer to a request.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ReadOnlySpan<byte> request, out IPEndPoint? seen)
    {
        seen = null;
        if (message.Length < HeaderLength || BinaryPrimitives.ReadUInt16BigEndian(message) != BindingSuccess || !message[4..HeaderLength].SequenceEqual(request[4..HeaderLength])) return false;
        for (var rest = message[HeaderLength..]; rest.Length >= AttributeHeader;)
        {
            var (type, length) = (BinaryPrimitives.ReadUInt16BigEndian(rest), BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
            if (rest.Length < AttributeHeader + length) return false;
            var value = rest.Slice(AttributeHeader, length);
            if (type == XorMappedAddress && length is 8 or 20)
            {
                // RFC 8489 section 14.2: the port is covered by the cookie's first half, the address by cookie and transaction.
                var address = value[4..].ToArray();
                for (var i = 0; i < address.Length; i++) address[i] ^= request[4 + i];
                seen = new IPEndPoint(new IPAddress(address), BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (int)(Cookie >> 16));
                return true;
            }

            rest = rest[Math.Min(rest.Length, AttributeHeader + ((length + 3) & ~3))..];
        }

        return false;
    }
}
