using System.Security.Cryptography;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Streams;

/// <summary>The secret behind <see cref="Core.Sasl.ScramDecoys"/>, made once and kept: a salt that changed with a restart would show that its account does not exist.</summary>
internal static class DecoySecret
{
    /// <summary>The file's name below the data directory.</summary>
    public const string FileName = "sasl-decoys.key";

    private const int Bytes = 32;

    /// <summary>Reads the secret, or makes one. The file is its owner's alone.</summary>
    /// <exception cref="StartFailureException">It can neither be read nor made.</exception>
    public static byte[] LoadOrMake(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        try
        {
            if (File.Exists(path) && File.ReadAllBytes(path) is { Length: Bytes } kept) return kept;
            Directory.CreateDirectory(dataDirectory);
            var made = RandomNumberGenerator.GetBytes(Bytes);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            File.Delete(path);
            using var file = new FileStream(path, options);
            file.Write(made);
            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailureException("Server:DataDirectory", $"cannot keep {path} ({e.Message}).", e);
        }
    }
}
