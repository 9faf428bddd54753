using Microsoft.Win32.SafeHandles;

namespace Parley.Media.Relay.Native;

/// <summary>A descriptor that is closed once, at the latest when its owner is collected.</summary>
internal sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    public FileDescriptor(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The number, for calls on the owner's thread.</summary>
    public int Number => (int)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
