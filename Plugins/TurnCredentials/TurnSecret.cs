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
    /// <summary>The file's name.</summary>
    public const string FileName = "turn-secret";

    private static readonly string[] Placeholders = ["changeme", "change-me", "replaceme", "your-secret", "yoursecret", "placeholder", "example-secret"];
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

    /// <summary>Why a text is no secret; null if it is one. Whoever has credentials can try secrets in peace, so a short one or one out of a manual is none.</summary>
    public static string? FaultOf(string text) =>
        text.Length is < MinLength or > MaxLength || text.Any(c => c is <= ' ' or > '~') ? $"must be {MinLength} to {MaxLength} visible ASCII characters"
        : Placeholders.Any(p => text.Contains(p, StringComparison.OrdinalIgnoreCase)) || text.Distinct().Count() < 5 ? "is a placeholder; make one with: openssl rand -base64 32"
        : null;

    /// <summary>A new one.</summary>
    public static TurnSecret New() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Puts a secret in the place of the one that is kept.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Replace(string dataDirectory, TurnSecret secret) => Make(Path.Combine(dataDirectory, FileName), secret);

    /// <summary>Reads the secret of a data directory, making it at the first start.</summary>
    /// <exception cref="IOException">It cannot be read, made, or is no secret; the message says what to do.</exception>
    public static TurnSecret ReadOrMake(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        try
        {
            if (!File.Exists(path)) Make(path, New());
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
        if (FaultOf(text) is not null) throw Corrupt(path);
        return text;
    }

    private static void Make(string path, TurnSecret secret)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Written beside and renamed, so that a crash leaves no half of a secret.
        var draft = $"{path}.{Convert.ToHexString(RandomNumberGenerator.GetBytes(4))}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(draft, options))
        {
            file.Write(Encoding.ASCII.GetBytes(secret.Text + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }

    private static IOException Corrupt(string path) =>
        new($"The TURN secret {path} is damaged: it must be one line of {MinLength} to {MaxLength} visible ASCII characters. Restore it, or remove it to have a new one made.");
}
