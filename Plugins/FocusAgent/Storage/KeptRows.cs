using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Parley.Plugins.FocusAgent.Storage;

/// <summary>A list kept as a JSON file in the data directory, readable by the server's user alone and replaced whole at each change.</summary>
/// <param name="dataDirectory">The data directory.</param>
/// <param name="fileName">The file's name in it.</param>
/// <param name="maxBytes">How long it may be; what is longer is damaged.</param>
/// <param name="what">What is in it, in the plural, for messages.</param>
/// <param name="without">What holds where the file is removed, for messages.</param>
/// <param name="type">How its rows are read and written.</param>
/// <typeparam name="TRow">A row.</typeparam>
internal sealed class KeptRows<TRow>(string dataDirectory, string fileName, long maxBytes, string what, string without, JsonTypeInfo<TRow[]> type)
{
    private readonly string _path = Path.Combine(dataDirectory, fileName);

    /// <summary>Reads them; none where there is no file.</summary>
    /// <param name="make">Makes of a row what it stands for; a row of which nothing can be made is damage.</param>
    /// <exception cref="IOException">The file cannot be read or is damaged; the message says what to do.</exception>
    public IReadOnlyList<T> Read<T>(Func<TRow, T> make)
    {
        try
        {
            if (!File.Exists(_path)) return [];
            if (new FileInfo(_path).Length > maxBytes) throw Damaged(null);
            return [.. (JsonSerializer.Deserialize(File.ReadAllBytes(_path), type) ?? []).Select(make)];
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            throw Damaged(e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The {what} in {_path} cannot be read by this user: {e.Message}", e);
        }
    }

    /// <summary>Writes them; on the disk when this returns.</summary>
    public async Task WriteAsync(TRow[] rows, CancellationToken ct)
    {
        Directory.CreateDirectory(dataDirectory);
        // Written beside and renamed, so that a crash leaves the one list or the other.
        var draft = _path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(draft, options))
        {
            await JsonSerializer.SerializeAsync(file, rows, type, ct);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, _path, overwrite: true);
    }

    private IOException Damaged(Exception? e) => new($"The {what} in {_path} are damaged. Restore the file, or remove it: {without}.", e);
}
