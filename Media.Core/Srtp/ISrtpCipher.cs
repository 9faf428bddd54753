namespace Parley.Media.Core.Srtp;

/// <summary>
/// The cryptography under SRTP for one session key, kept ready between packets. One thread at a time; none of the methods allocates. Of the two pairs
/// of methods a cipher needs those of its profile only.
/// </summary>
public interface ISrtpCipher : IDisposable
{
    /// <summary>AES-GCM: encrypts in place and writes the 16-byte tag.</summary>
    void Seal(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, Span<byte> data, Span<byte> tag);

    /// <summary>AES-GCM: decrypts in place; false, and the data worthless, if the tag does not match.</summary>
    bool Open(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> associated, Span<byte> data, ReadOnlySpan<byte> tag);

    /// <summary>AES-CM: XORs the counter-mode keystream that starts at a 16-byte counter block into the data.</summary>
    void ApplyKeystream(ReadOnlySpan<byte> counter, Span<byte> data);

    /// <summary>AES-CM: the whole 20-byte HMAC-SHA1 of the data; for RTP the caller has put the rollover counter behind the packet.</summary>
    void Authenticate(ReadOnlySpan<byte> data, Span<byte> mac);
}

/// <summary>Makes ciphers.</summary>
public interface ISrtpCipherFactory
{
    /// <summary>Makes the cipher of a session key.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="encryptionKey">16 bytes.</param>
    /// <param name="authenticationKey">20 bytes for AES-CM, empty for GCM.</param>
    ISrtpCipher Create(SrtpProfile profile, ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> authenticationKey);
}
