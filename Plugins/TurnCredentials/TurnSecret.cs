using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Plugins.TurnCredentials;

/// <summary>
/// The secret behind all credentials: text, so that coturn's tools take it as it stands in the file. Made once and kept, because a new one at each
/// restart would invalidate what clients hold for hours.
/// </summary>
public sealed class TurnSecret
{
    private const string FileName = "turn-secret";
    private const int MinLength = 16, MaxLength = 256;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Wraps a secret.</summary>
    public TurnSecret(string text) => Text = text;

    /// <summary>The secret as text; its UTF-8 bytes are the HMAC key.</summary>
    public string Text { get; }

    /// <summary>The password that belongs to a username: base64(HMAC-SHA1(secret, username)), as draft-uberti-behave-turn-rest has it.</summary>
    public string PasswordOf(string username) =>
#pragma warning disable CA5350 // The form that all TURN tools share demands SHA-1; as an HMAC it is still sound.
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Text), Encoding.UTF8.GetBytes(username)));
#pragma warning restore CA5350

    /// <summary>Reads the secret of a data directory, making it at the first start.</summary>
    /// <exception cref="IOException">It cannot be read, made, or is no secret; the message says what to do.</exception>
    public static TurnSecret ReadOrMake(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        try
        {
            if (!File.Exists(path)) Make(path);
            var text = Read(path);
            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerOnly) File.SetUnixFileMode(path, OwnerOnly);
            return new TurnSecret(text);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The TURN secret {path} cannot be read or written by this user: {e.Message}", e);
        }
    }

    private static string Read(string path)
    {
        if (new FileInfo(path).Length > MaxLength + 2) throw Corrupt(path);
        var text = File.ReadAllText(path).Trim();
        if (text.Length is < MinLength or > MaxLength || text.Any(c => c is <= ' ' or > '~')) throw Corrupt(path);
        return text;
    }

    private static void Make(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Written beside and renamed, so that a crash leaves no half of a secret.
        var draft = $"{path}.{Convert.ToHexString(RandomNumberGenerator.GetBytes(4))}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(draft, options))
        {
            file.Write(Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path);
    }

    private static IOException Corrupt(string path) =>
        new($"The TURN secret {path} is damaged: it must be one line of {MinLength} to {MaxLength} visible ASCII characters. Restore it, or remove it to have a new one made (credentials already issued then end).");
}
