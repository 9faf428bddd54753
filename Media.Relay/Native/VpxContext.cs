using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Parley.Media.Relay.Native;

/// <summary>A vpx_codec_ctx_t in memory of ours. The library frees what it holds by <c>vpx_codec_destroy</c>, which for one that was never made does nothing but say so.</summary>
internal sealed unsafe class VpxContext : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Makes an empty one.</summary>
    public VpxContext() : base(ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed((nuint)VideoLibraries.Layout.ContextSize));

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _ = LibVpx.Destroy(handle);
        NativeMemory.Free((void*)handle);
        return true;
    }
}
