using Microsoft.Win32.SafeHandles;

namespace Parley.Media.Relay.Native;

/// <summary>An ISVCEncoder.</summary>
internal sealed class OpenH264Encoder : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Makes one, which is still to be initialised.</summary>
    /// <exception cref="InvalidOperationException">The library would not.</exception>
    public OpenH264Encoder() : base(ownsHandle: true)
    {
        if (LibOpenH264.CreateEncoder(out var encoder) != LibOpenH264.Ok || encoder == 0) throw new InvalidOperationException("OpenH264 made no encoder");
        SetHandle(encoder);
    }

    /// <summary>Where it is; only its owner's one thread calls it, which keeps it alive.</summary>
    public nint Pointer => IsClosed ? throw new ObjectDisposedException(nameof(OpenH264Encoder)) : handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibOpenH264.End(handle, isEncoder: true);
        LibOpenH264.DestroyEncoder(handle);
        return true;
    }
}

/// <summary>An ISVCDecoder.</summary>
internal sealed class OpenH264Decoder : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Makes one, which is still to be initialised.</summary>
    /// <exception cref="InvalidOperationException">The library would not.</exception>
    public OpenH264Decoder() : base(ownsHandle: true)
    {
        if (LibOpenH264.CreateDecoder(out var decoder) != LibOpenH264.Ok || decoder == 0) throw new InvalidOperationException("OpenH264 made no decoder");
        SetHandle(decoder);
    }

    /// <summary>Where it is; only its owner's one thread calls it, which keeps it alive.</summary>
    public nint Pointer => IsClosed ? throw new ObjectDisposedException(nameof(OpenH264Decoder)) : handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        LibOpenH264.End(handle, isEncoder: false);
        LibOpenH264.DestroyDecoder(handle);
        return true;
    }
}
