namespace Parley.Media.Relay.Native;

/// <summary>Digests of certificates, by the hashes of RFC 8122 section 5 that are still safe.</summary>
internal static unsafe class DtlsFingerprint
{
    /// <summary>OpenSSL's name of a hash, zero-terminated; null for an unknown or broken one.</summary>
    public static byte[]? DigestName(string hash) => hash.ToUpperInvariant() switch
    {
        "SHA-224" => [.. "SHA224\0"u8],
        "SHA-256" => [.. "SHA256\0"u8],
        "SHA-384" => [.. "SHA384\0"u8],
        "SHA-512" => [.. "SHA512\0"u8],
        _ => null,
    };

    /// <summary>A certificate's digest.</summary>
    public static byte[] Digest(ReadOnlySpan<byte> name, ReadOnlySpan<byte> certificate)
    {
        var digest = stackalloc byte[64]; // EVP_MAX_MD_SIZE
        uint length;
        fixed (byte* n = name, c = certificate)
        {
            OpenSsl.Check(LibCrypto.Digest(c, (nuint)certificate.Length, digest, &length, LibCrypto.DigestByName(n), 0) == 1, "EVP_Digest");
        }

        return new ReadOnlySpan<byte>(digest, (int)length).ToArray();
    }
}
