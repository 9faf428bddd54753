using Microsoft.Win32.SafeHandles;

namespace Parley.Media.Relay.Native;

/// <summary>An OpusDecoder.</summary>
internal sealed class OpusDecoderHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibOpus.DecoderDestroy(handle);
        return true;
    }
}

/// <summary>An OpusEncoder.</summary>
internal sealed class OpusEncoderHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibOpus.EncoderDestroy(handle);
        return true;
    }
}
