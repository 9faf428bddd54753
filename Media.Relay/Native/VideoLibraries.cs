using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>Whether pictures can be decoded, composed and encoded on this machine, and which libvpx it is that does it.</summary>
internal static class VideoLibraries
{
    /// <summary>What an operator does about it.</summary>
    private const string Remedy = "on Debian: apt install libvpx7 libyuv0";

    private static readonly Lazy<(VpxLayout? Layout, string? Missing)> Found = new(Find);

    /// <summary>The layout of the libvpx that is there.</summary>
    /// <exception cref="InvalidOperationException">There is none that is known; see <see cref="AreThere"/>.</exception>
    public static VpxLayout Layout => Found.Value.Layout ?? throw new InvalidOperationException(Found.Value.Missing);

    /// <summary>Whether they are there.</summary>
    /// <param name="missing">What is missing, and how it is had, for the operator.</param>
    public static bool AreThere([NotNullWhen(false)] out string? missing)
    {
        missing = Found.Value.Missing;
        return missing is null;
    }

    private static (VpxLayout? Layout, string? Missing) Find()
    {
        if (!NativeLibraries.IsSupported(out var reason)) return (null, reason);
        if (NativeLibraries.Vpx.Handle == 0) return (null, $"{string.Join(" or ", NativeLibraries.VpxNames)} is not installed ({Remedy})");
        if (NativeLibraries.YuvHandle == 0) return (null, $"libyuv.so.0 is not installed ({Remedy})");
        if (LibYuv.Functions.FirstOrDefault(f => !NativeLibrary.TryGetExport(NativeLibraries.YuvHandle, f, out _)) is { } lacking) return (null, $"libyuv.so.0 lacks {lacking} ({Remedy})");
        var version = Marshal.PtrToStringUTF8(LibVpx.Version()) ?? "";
        var known = VpxLayout.Known.FirstOrDefault(l => l.FileName == NativeLibraries.Vpx.Name && version.StartsWith(l.VersionPrefix, StringComparison.Ordinal));
        return known is null ? (null, $"{NativeLibraries.Vpx.Name} is version {version}, whose structures are not known here") : (known, null);
    }
}
