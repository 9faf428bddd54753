using Parley.Media.Core.Srtp;

namespace Parley.Media.Relay.Native;

/// <summary>Makes ciphers of OpenSSL's EVP.</summary>
public sealed class OpenSslSrtpCipherFactory : ISrtpCipherFactory
{
    /// <inheritdoc/>
    public ISrtpCipher Create(SrtpProfile profile, ReadOnlySpan<byte> encryptionKey, ReadOnlySpan<byte> authenticationKey) => throw new NotImplementedException();
}
