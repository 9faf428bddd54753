using System.Runtime.InteropServices;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Hosting;

/// <summary>Finds out early, and says plainly, what would otherwise fail somewhere deep.</summary>
internal static class StartChecks
{
    private static readonly string[] Libssl = ["libssl.so.3", "libssl.so.1.1", "libssl.so"];

    /// <summary>Checks that OpenSSL is there: without it the framework ends the whole process at the first certificate.</summary>
    public static void RequireOpenSsl()
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var name in Libssl)
        {
            if (NativeLibrary.TryLoad(name, out var handle))
            {
                NativeLibrary.Free(handle);
                return;
            }
        }

        throw new StartFailureException("libssl", "OpenSSL's libssl is not installed; install the package libssl3 (Debian, Ubuntu) or openssl (Alpine, Fedora).");
    }

    /// <summary>Makes the data directory, and makes sure that something can be written there.</summary>
    public static void RequireDataDirectory(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            var probe = Path.Combine(path, $".probe-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailureException("Server:DataDirectory", $"cannot write to {path} ({e.Message})", e);
        }
    }
}
