using Microsoft.Win32.SafeHandles;

namespace Parley.Media.Relay.Native;

/// <summary>An EVP_CIPHER_CTX.</summary>
internal sealed class CipherContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibCrypto.CipherFree(handle);
        return true;
    }
}

/// <summary>An HMAC_CTX.</summary>
internal sealed class HmacContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibCrypto.HmacFree(handle);
        return true;
    }
}
