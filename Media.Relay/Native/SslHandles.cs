using Microsoft.Win32.SafeHandles;

namespace Parley.Media.Relay.Native;

/// <summary>An SSL_CTX.</summary>
internal sealed class SslContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibSsl.ContextFree(handle);
        return true;
    }
}

/// <summary>An SSL with its two memory BIOs. It holds its context.</summary>
internal sealed class SslHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibSsl.Free(handle);
        return true;
    }
}
