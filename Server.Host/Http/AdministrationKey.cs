using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Http;

/// <summary>Shows that a caller may read the data directory: made anew at each start, in a file that only its owner reads.</summary>
internal sealed class AdministrationKey
{
    private const string FileName = "administration-key";
    private const string Scheme = "Bearer ";
    private readonly byte[] _key;

    /// <summary>Makes one.</summary>
    public AdministrationKey(XmppServerSettings settings)
    {
        var text = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        _key = Encoding.ASCII.GetBytes(Scheme + text);
        var path = PathIn(settings.DataDirectory);
        try
        {
            File.Delete(path);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var writer = new StreamWriter(path, options);
            writer.Write(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailureException("Server:DataDirectory", $"cannot write {path} ({e.Message}).", e);
        }
    }

    /// <summary>The header that shows the key of the server with that data directory; null if none runs there or its key cannot be read.</summary>
    public static string? ReadHeader(string dataDirectory)
    {
        try
        {
            return Scheme + File.ReadAllText(PathIn(dataDirectory));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a header shows it.</summary>
    public bool Matches(string? header) => header is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header), _key);

    private static string PathIn(string dataDirectory) => Path.Combine(dataDirectory, FileName);
}
