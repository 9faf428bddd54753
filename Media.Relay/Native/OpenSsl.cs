using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Media.Core.Srtp;

namespace Parley.Media.Relay.Native;

/// <summary>The system's OpenSSL, the same copy that the framework uses.</summary>
public static unsafe class OpenSsl
{
    private const ulong Oldest = 0x3000_0000;

    private static readonly Lazy<string?> Problem = new(FindProblem);

    /// <summary>Loads it and looks whether it will do: 3.0 or later, with DTLS 1.2 and SRTP.</summary>
    /// <param name="reason">What is missing and what to install, for the operator.</param>
    public static bool TryLoad([NotNullWhen(false)] out string? reason)
    {
        reason = Problem.Value;
        return reason is null;
    }

    /// <summary>Throws what <see cref="TryLoad"/> tells.</summary>
    internal static void EnsureLoaded()
    {
        if (!TryLoad(out var reason)) throw new PlatformNotSupportedException(reason);
    }

    /// <summary>Throws if a call that cannot fail because of a peer did.</summary>
    internal static void Check(bool success, string call)
    {
        if (!success) throw new CryptographicException($"{call}: {TakeError()}");
    }

    /// <summary>The first error of this thread's queue, which is shared with the framework; the queue is empty afterwards.</summary>
    internal static string TakeError()
    {
        var error = LibSsl.GetError();
        LibSsl.ClearErrors();
        if (error == 0) return "no reason given";
        var text = stackalloc byte[256];
        LibSsl.ErrorString(error, text, 256);
        return Encoding.UTF8.GetString(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
    }

    private static string? FindProblem()
    {
        if (!NativeLibraries.IsSupported(out var reason)) return reason;
        if (NativeLibraries.OpenSslHandle == 0)
        {
            return $"media needs OpenSSL 3, and {NativeLibraries.OpenSslNames} was not found: install it (Debian and Ubuntu: apt install libssl3; Alpine: apk add libssl3; Fedora: dnf install openssl-libs)";
        }

        try
        {
            // The framework initialises OpenSSL without the clean-up at exit that its threads would not survive, if only it comes first.
            ECDsa.Create().Dispose();
            var version = (ulong)LibSsl.VersionNumber();
            if (version < Oldest) return string.Create(CultureInfo.InvariantCulture, $"media needs OpenSSL 3.0 or later, and {NativeLibraries.OpenSslNames} is {version >> 28}.{(version >> 20) & 0xFF}");
            using var factory = new OpenSslDtlsFactory(checkedAlready: true);
            using var gcm = new OpenSslSrtpCipher(SrtpProfile.AeadAes128Gcm, new byte[16], []);
            using var counter = new OpenSslSrtpCipher(SrtpProfile.AesCm128HmacSha1Tag80, new byte[16], new byte[20]);
            return null;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or CryptographicException)
        {
            return $"media needs OpenSSL with DTLS 1.2 and SRTP, and {NativeLibraries.OpenSslNames} is built without: {e.Message}";
        }
    }
}
