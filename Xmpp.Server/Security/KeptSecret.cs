using System.Security.Cryptography;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Security;

/// <summary>A secret of this server, made once and kept beside the database.</summary>
internal static class KeptSecret
{
    /// <summary>The file behind <see cref="Core.Sasl.ScramDecoys"/>: a salt that changed with a restart would show that its account does not exist.</summary>
    public const string Decoys = "sasl-decoys.key";

    private const int Bytes = 32;

    /// <summary>Reads the secret, or makes one. The file is its owner's alone.</summary>
    /// <exception cref="StartFailureException">It can neither be read nor made.</exception>
    public static byte[] LoadOrMake(string dataDirectory, string fileName)
    {
        var path = Path.Combine(dataDirectory, fileName);
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
