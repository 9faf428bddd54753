using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Parley.Media.Core.Stun;

/// <summary>What the check of an optional proof gave.</summary>
public enum StunProof
{
    /// <summary>The attribute is not there.</summary>
    Missing,
    /// <summary>It is there and wrong.</summary>
    Invalid,
    /// <summary>It is right.</summary>
    Valid,
}

/// <summary>MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT (RFC 8489 sections 14.5 to 14.7) of a received message.</summary>
public static class StunIntegrity
{
    internal const uint FingerprintXor = 0x5354554E;

    // What is authenticated with a short or long-term key is small; a longer message (data inside) is never authenticated.
    private const int MaxAuthenticated = 2048;

    /// <summary>Checks MESSAGE-INTEGRITY with an HMAC-SHA1 key.</summary>
    public static StunProof CheckIntegrity(this StunMessage message, ReadOnlySpan<byte> key) =>
        Check(message, StunAttribute.MessageIntegrity, key, isSha256: false);

    /// <summary>Checks MESSAGE-INTEGRITY-SHA256; at least 16 bytes of it and a multiple of 4.</summary>
    public static StunProof CheckIntegritySha256(this StunMessage message, ReadOnlySpan<byte> key) =>
        Check(message, StunAttribute.MessageIntegritySha256, key, isSha256: true);

    /// <summary>Checks FINGERPRINT, which has to come last.</summary>
    public static StunProof CheckFingerprint(this StunMessage message)
    {
        foreach (var attribute in message)
        {
            if (attribute.Type != StunAttribute.Fingerprint) continue;
            if (attribute.Value.Length != 4 || attribute.Offset + 8 != message.Bytes.Length) return StunProof.Invalid;
            var expected = Crc32.Compute(message.Bytes[..attribute.Offset]) ^ FingerprintXor;
            return BinaryPrimitives.ReadUInt32BigEndian(attribute.Value) == expected ? StunProof.Valid : StunProof.Invalid;
        }

        return StunProof.Missing;
    }

    private static StunProof Check(StunMessage message, StunAttribute type, ReadOnlySpan<byte> key, bool isSha256)
    {
        foreach (var attribute in message)
        {
            if (attribute.Type != type) continue;
            var value = attribute.Value;
            var isSized = isSha256 ? value.Length is >= 16 and <= 32 && value.Length % 4 == 0 : value.Length == 20;
            if (!isSized || attribute.Offset > MaxAuthenticated) return StunProof.Invalid;
            Span<byte> hash = stackalloc byte[32];
            Compute(message.Bytes[..attribute.Offset], value.Length, key, isSha256, hash);
            return CryptographicOperations.FixedTimeEquals(hash[..value.Length], value) ? StunProof.Valid : StunProof.Invalid;
        }

        return StunProof.Missing;
    }

    /// <summary>The HMAC over what precedes the attribute, with the header's length counting the attribute itself as the last.</summary>
    internal static void Compute(ReadOnlySpan<byte> before, int valueLength, ReadOnlySpan<byte> key, bool isSha256, Span<byte> hash)
    {
        Span<byte> copy = stackalloc byte[before.Length];
        before.CopyTo(copy);
        BinaryPrimitives.WriteUInt16BigEndian(copy[2..], (ushort)(before.Length - StunMessage.HeaderLength + 4 + valueLength));
        if (isSha256) HMACSHA256.HashData(key, copy, hash);
        else
        {
#pragma warning disable CA5350 // STUN's integrity is HMAC-SHA1 by RFC 8489 section 14.5; ICE (RFC 8445) knows no other.
            HMACSHA1.HashData(key, copy, hash);
#pragma warning restore CA5350
        }
    }
}
