using Parley.Media.Core.Srtp;

namespace Parley.Media.Relay.Native;

/// <summary>Makes ciphers of OpenSSL's EVP.</summary>
public sealed class OpenSslSrtpCipherFactory : ISrtpCipherFactory
{
    /// <summary>Makes a factory.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no OpenSSL that will do; <see cref="OpenSsl.TryLoad"/> tells it beforehand.</exception>
    public OpenSslSrtpCipherFactory() => OpenSsl.EnsureLoaded();

    /// <inheritdoc/>
    public ISrtpCipher Create(SrtpProfile profile, ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> authenticationKey) =>
        new OpenSslSrtpCipher(profile, encryptionKey, authenticationKey);
}
