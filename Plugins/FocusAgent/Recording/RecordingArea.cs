using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>Recordings on the disk: a directory each, named by time and chance and never by what somebody typed, with an index and files in it.</summary>
/// <param name="server">Where data is kept.</param>
public sealed class RecordingArea(IServerInfo server)
{
    /// <summary>The index's name.</summary>
    public const string IndexName = "index.json";

    private const long MaxIndex = 32L * 1024 * 1024;
    private const int IdLength = 15 + 1 + 12;

    /// <summary>The directory of all.</summary>
    public string Root(RecordingOptions options) => Path.GetFullPath(options.Directory, server.DataDirectory);

    /// <summary>Makes a directory for a new recording, which only this server's user can look into.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public string Create(RecordingOptions options, DateTimeOffset now)
    {
        var id = now.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture) + "-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        var path = Path.Combine(Root(options), id);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Whether a text is a recording's id, and so a directory's name that leads nowhere else.</summary>
    public static bool IsId(string text) => text.Length == IdLength && text.All(c => char.IsAsciiDigit(c) || c is (>= 'a' and <= 'f') or '-');

    /// <summary>Whether a text is the name of a recording's file.</summary>
    public static bool IsFile(string text) => text == IndexName || (text.Length is > 5 and <= 32 && text.EndsWith(".webm", StringComparison.Ordinal) && text[..^5].All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));

    /// <summary>The directories of all recordings, oldest first.</summary>
    public IReadOnlyList<string> Directories(RecordingOptions options)
    {
        var root = Root(options);
        return Directory.Exists(root) ? [.. Directory.EnumerateDirectories(root).Where(d => IsId(Path.GetFileName(d))).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Reads the index of a recording; null if there is none that can be read.</summary>
    public static RecordingIndex? Read(string directory)
    {
        try
        {
            var path = new FileInfo(Path.Combine(directory, IndexName));
            return path.Exists && path.Length <= MaxIndex ? JsonSerializer.Deserialize(File.ReadAllBytes(path.FullName), RecordingJson.Default.RecordingIndex) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the index of a recording, whole: a crash leaves the one before.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string directory, RecordingIndex index)
    {
        var draft = Path.Combine(directory, IndexName + ".new");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(draft, options))
        {
            JsonSerializer.Serialize(file, index, RecordingJson.Default.RecordingIndex);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, Path.Combine(directory, IndexName), overwrite: true);
    }

    /// <summary>Whether there is nothing to play.</summary>
    public static bool IsEmpty(string directory) => !Directory.EnumerateFiles(directory, "*.webm").Any();

    /// <summary>What all recordings take, in bytes.</summary>
    public long Use(RecordingOptions options) => Directories(options).Sum(d => new DirectoryInfo(d).EnumerateFiles().Sum(f => f.Length));
}
