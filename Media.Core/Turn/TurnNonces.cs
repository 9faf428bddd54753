using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Parley.Media.Core.Turn;

/// <summary>
/// Nonces that need no table: a half hour's number, sealed together with the client's address and port (RFC 8489 section 9.2.4 wants them to differ between
/// these). One is good for the half hour that it was made in and the next. They begin with the nonce cookie, whose bit 0 says that PASSWORD-ALGORITHMS was sent
/// (sections 9.2 and 18.1).
/// </summary>
public sealed class TurnNonces
{
    /// <summary>A nonce's length in bytes.</summary>
    public const int Length = 35;

    private const long PeriodMs = 30 * 60 * 1000;
    private const int SealedBytes = 16, KeyBytes = 32;
    private readonly byte[] _key;

    /// <summary>Makes a source of nonces.</summary>
    /// <param name="key">32 random bytes.</param>
    public TurnNonces(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        _key = key.ToArray();
    }

    // "obMatJos2", then the 24 feature bits in base64.
    private static ReadOnlySpan<byte> Cookie => "obMatJos2gAAA"u8;

    /// <summary>Writes the nonce of a client.</summary>
    public void Write(AddressKey client, long nowMs, Span<byte> nonce) => Write(client, (uint)(nowMs / PeriodMs), nonce);

    /// <summary>Whether a nonce was given to this client not long ago.</summary>
    public bool IsFresh(ReadOnlySpan<byte> nonce, AddressKey client, long nowMs)
    {
        if (nonce.Length != Length) return false;
        var period = (uint)(nowMs / PeriodMs);
        Span<byte> expected = stackalloc byte[Length];
        Write(client, period, expected);
        if (CryptographicOperations.FixedTimeEquals(nonce, expected)) return true;
        Write(client, period - 1, expected);
        return CryptographicOperations.FixedTimeEquals(nonce, expected);
    }

    private void Write(AddressKey client, uint period, Span<byte> nonce)
    {
        Span<byte> sealedPart = stackalloc byte[4 + 16 + 2], hash = stackalloc byte[32];
        BinaryPrimitives.WriteUInt32BigEndian(sealedPart, period);
        BinaryPrimitives.WriteUInt128BigEndian(sealedPart[4..], client.Address);
        BinaryPrimitives.WriteUInt16BigEndian(sealedPart[20..], client.Port);
        HMACSHA256.HashData(_key, sealedPart, hash);
        Cookie.CopyTo(nonce);
        Base64Url.EncodeToUtf8(hash[..SealedBytes], nonce[Cookie.Length..]);
    }
}
