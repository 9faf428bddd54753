using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>Finds the shared libraries behind the names that this assembly's imports use, and says whether this machine can carry media at all.</summary>
internal static class NativeLibraries
{
    /// <summary>What the framework honours to choose another OpenSSL; both must use the same.</summary>
    private const string OpenSslOverride = "CLR_OPENSSL_VERSION_OVERRIDE";

    private static readonly Lazy<bool> Resolver = new(Install);
    private static readonly Lazy<nint> OpenSsl = new(() => Load(Candidates(LibSsl.Name)));

    private static readonly Lazy<nint> Opus = new(() => Load(Candidates(LibOpus.Name)));

    private static readonly Lazy<(string? Name, nint Handle)> VpxFound = new(() => LoadNamed(VpxNames));

    private static readonly Lazy<nint> Yuv = new(() => Load(Candidates(LibYuv.Name)));

    private static readonly Lazy<nint> OpenH264 = new(() => Load(Candidates(LibOpenH264.Name)));

    /// <summary>libvpx and the file name that it was found under; 0 if there is none whose layout is known.</summary>
    public static (string? Name, nint Handle) Vpx => VpxFound.Value;

    /// <summary>The file names under which libvpx is looked for.</summary>
    public static IEnumerable<string> VpxNames => VpxLayout.Known.Select(l => l.FileName);

    /// <summary>libyuv; 0 if there is none.</summary>
    public static nint YuvHandle => Yuv.Value;

    /// <summary>OpenH264; 0 if there is none.</summary>
    public static nint OpenH264Handle => OpenH264.Value;

    /// <summary>Whether libopus is there, which the audio mixer needs.</summary>
    public static bool HasOpus => Opus.Value != 0;

    /// <summary>OpenSSL; 0 if there is none.</summary>
    public static nint OpenSslHandle => OpenSsl.Value;

    /// <summary>The file names under which OpenSSL is looked for.</summary>
    public static string OpenSslNames => string.Join(" or ", Candidates(LibSsl.Name));

    /// <summary>Whether the machine's system calls have the layouts that are written here: Linux, 64 bits, little-endian.</summary>
    /// <param name="reason">What is missing, for the operator.</param>
    public static bool IsSupported([NotNullWhen(false)] out string? reason)
    {
        reason = OperatingSystem.IsLinux() && Environment.Is64BitProcess && BitConverter.IsLittleEndian
            ? null
            : $"media needs Linux on x64 or arm64; this is {RuntimeInformation.OSDescription} on {RuntimeInformation.ProcessArchitecture}";
        return reason is null;
    }

    /// <summary>Makes the imports resolve; before the first of them is called.</summary>
    public static void EnsureResolver() => _ = Resolver.Value;

    private static bool Install()
    {
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
        return true;
    }

    /// <summary>Whether a library that is imported from is there.</summary>
    public static bool TryLoad(string name) => Load(Candidates(name)) != 0;

    /// <summary>0 lets the runtime say which name it could not find.</summary>
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        LibSsl.Name => OpenSslHandle,
        LibOpus.Name => Opus.Value,
        LibVpx.Name => Vpx.Handle,
        LibYuv.Name => YuvHandle,
        LibOpenH264.Name => OpenH264Handle,
        _ => Load(Candidates(name)),
    };

    private static nint Load(IEnumerable<string> candidates) => LoadNamed(candidates).Handle;

    private static (string? Name, nint Handle) LoadNamed(IEnumerable<string> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var handle)) return (candidate, handle);
        }

        return (null, 0);
    }

    private static IEnumerable<string> Candidates(string name) => name switch
    {
        // "libc" alone would find glibc's linker script where the development files are installed.
        Libc.Name => ["libc.so.6", $"libc.musl-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64")}.so.1", "libc.so"],
        LibSsl.Name => Environment.GetEnvironmentVariable(OpenSslOverride) is { Length: > 0 } chosen ? [$"libssl.so.{chosen}", "libssl.so.3"] : ["libssl.so.3"],
        LibOpus.Name => ["libopus.so.0"],
        LibYuv.Name => ["libyuv.so.0"],
        LibOpenH264.Name => [OpenH264Layout.FileName],
        LibPango.Name => ["libpango-1.0.so.0"],
        LibPango.CairoName => ["libpangocairo-1.0.so.0"],
        LibCairo.Name => ["libcairo.so.2"],
        LibCairo.ObjectName => ["libgobject-2.0.so.0"],
        _ => [],
    };
}
