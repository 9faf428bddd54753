using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>Turns errno into the framework's exceptions, with the call's name and the system's words.</summary>
internal static class SystemCallException
{
    /// <summary>The exception for the latest failed call on this thread.</summary>
    public static SocketException Last(string call, string? about = null) => Of(Marshal.GetLastPInvokeError(), call, about);

    /// <summary>The exception for an errno.</summary>
    public static SocketException Of(int errno, string call, string? about = null)
    {
        return new((int)CodeOf(errno), $"{call}{(about is null ? "" : $" {about}")}: {Marshal.GetPInvokeErrorMessage(errno)} ({errno})");
    }

    private static SocketError CodeOf(int errno) => errno switch
    {
        Libc.AccessDenied => SocketError.AccessDenied,
        Libc.AddressInUse => SocketError.AddressAlreadyInUse,
        Libc.AddressNotAvailable => SocketError.AddressNotAvailable,
        Libc.FamilyNotSupported => SocketError.AddressFamilyNotSupported,
        Libc.TooManyFiles => SocketError.TooManyOpenSockets,
        Libc.NoBuffers => SocketError.NoBufferSpaceAvailable,
        Libc.Invalid => SocketError.InvalidArgument,
        _ => SocketError.SocketError,
    };
}
