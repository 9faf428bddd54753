using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Reservations;

/// <summary>The reservations on disk: <c>room-reservations.json</c> in the data directory, replaced whole at each change.</summary>
/// <param name="dataDirectory">The data directory.</param>
public sealed class ReservationFile(string dataDirectory)
{
    private const string FileName = "room-reservations.json";
    private const long MaxBytes = 32 * 1024 * 1024; // some 10,000 of the longest addresses
    private readonly string _path = Path.Combine(dataDirectory, FileName);

    /// <summary>Reads them.</summary>
    /// <exception cref="IOException">The file cannot be read or is damaged; the message says what to do.</exception>
    public IReadOnlyList<KeptReservation> Read()
    {
        try
        {
            if (!File.Exists(_path)) return [];
            if (new FileInfo(_path).Length > MaxBytes) throw Damaged(null);
            var rows = JsonSerializer.Deserialize(File.ReadAllBytes(_path), ReservationJson.Default.ReservationRowArray) ?? [];
            return [.. rows.Select(r => new KeptReservation(Jid.Parse(r.Room), Jid.Parse(r.Account), DateTimeOffset.FromUnixTimeSeconds(r.Until), DateTimeOffset.FromUnixTimeMilliseconds(r.Since)))];
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            throw Damaged(e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The reservations of call rooms in {_path} cannot be read by this user: {e.Message}", e);
        }
    }

    /// <summary>Writes them; on the disk when this returns.</summary>
    public async Task WriteAsync(IEnumerable<KeptReservation> reservations, CancellationToken ct)
    {
        Directory.CreateDirectory(dataDirectory);
        // Written beside and renamed, so that a crash leaves the one list or the other.
        var draft = _path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(draft, options))
        {
            ReservationRow[] rows = [.. reservations.Select(r => new ReservationRow(r.Room.ToString(), r.Account.ToString(), r.Until.ToUnixTimeSeconds(), r.Since.ToUnixTimeMilliseconds()))];
            await JsonSerializer.SerializeAsync(file, rows, ReservationJson.Default.ReservationRowArray, ct);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, _path, overwrite: true);
    }

    private IOException Damaged(Exception? e) => new($"The reservations of call rooms in {_path} are damaged. Restore the file, or remove it: they are then forgotten.", e);
}

/// <summary>A reservation as it is kept.</summary>
/// <param name="Room">The room's bare address.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Since">When the account first reserved the room, of reservations without a gap.</param>
public sealed record KeptReservation(Jid Room, Jid Account, DateTimeOffset Until, DateTimeOffset Since);

/// <summary>A line of the file; <paramref name="Until"/> in Unix seconds, <paramref name="Since"/> in milliseconds (0 in files of versions that did not keep it).</summary>
internal sealed record ReservationRow(string Room, string Account, long Until, long Since = 0);

/// <summary>Reads and writes the file's JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ReservationRow[]))]
internal sealed partial class ReservationJson : JsonSerializerContext;
