using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>Finds the shared libraries behind the names that this assembly's imports use, and says whether this machine can carry media at all.</summary>
internal static class NativeLibraries
{
    private static readonly Lazy<bool> Resolver = new(Install);

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

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        foreach (var candidate in Candidates(name))
        {
            if (NativeLibrary.TryLoad(candidate, out var handle)) return handle;
        }

        return 0; // the runtime then says which name it could not find
    }

    private static IEnumerable<string> Candidates(string name) => name switch
    {
        // "libc" alone would find glibc's linker script where the development files are installed.
        Libc.Name => ["libc.so.6", $"libc.musl-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64")}.so.1", "libc.so"],
        _ => [],
    };
}
