using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>A room's policy as it is kept.</summary>
/// <param name="Room">The room's bare address.</param>
/// <param name="Owner">The account whose reservation it was made under; null where there was none.</param>
/// <param name="Policy">What was said.</param>
public sealed record KeptPolicy(Jid Room, Jid? Owner, RoomPolicy Policy);

/// <summary>The policies of reserved rooms on disk: <c>room-policies.json</c> in the data directory, readable by the server alone, replaced whole at each change.</summary>
/// <param name="dataDirectory">The data directory.</param>
public sealed class PolicyFile(string dataDirectory)
{
    private const string FileName = "room-policies.json";
    private const long MaxBytes = 64 * 1024 * 1024;
    private readonly string _path = Path.Combine(dataDirectory, FileName);

    /// <summary>Reads them.</summary>
    /// <exception cref="IOException">The file cannot be read or is damaged; the message says what to do.</exception>
    public IReadOnlyList<KeptPolicy> Read()
    {
        try
        {
            if (!File.Exists(_path)) return [];
            if (new FileInfo(_path).Length > MaxBytes) throw Damaged(null);
            return [.. (JsonSerializer.Deserialize(File.ReadAllBytes(_path), PolicyJson.Default.PolicyRowArray) ?? []).Select(r => r.ToPolicy())];
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            throw Damaged(e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The policies of call rooms in {_path} cannot be read by this user: {e.Message}", e);
        }
    }

    /// <summary>Writes them; on the disk when this returns.</summary>
    public async Task WriteAsync(IEnumerable<KeptPolicy> policies, CancellationToken ct)
    {
        Directory.CreateDirectory(dataDirectory);
        // Written beside and renamed, so that a crash leaves the one list or the other.
        var draft = _path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(draft, options))
        {
            await JsonSerializer.SerializeAsync(file, policies.Select(PolicyRow.Of).ToArray(), PolicyJson.Default.PolicyRowArray, ct);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, _path, overwrite: true);
    }

    private IOException Damaged(Exception? e) => new($"The policies of call rooms in {_path} are damaged. Restore the file, or remove it: the rooms are then as open as the settings say.", e);
}

/// <summary>A line of the file.</summary>
internal sealed record PolicyRow(string Room, string? Owner, bool Locked, bool MembersOnly, bool Lobby, string? Password, string[] Members, string[] Moderators)
{
    public static PolicyRow Of(KeptPolicy kept) => new(kept.Room.ToString(), kept.Owner?.ToString(), kept.Policy.IsLocked, kept.Policy.IsMembersOnly, kept.Policy.HasLobby, kept.Policy.Password,
        [.. kept.Policy.Members.Select(m => m.ToString())], [.. kept.Policy.Moderators.Select(m => m.ToString())]);

    public KeptPolicy ToPolicy() => new(Jid.Parse(Room), Owner is null ? null : Jid.Parse(Owner), new RoomPolicy
    {
        IsLocked = Locked,
        IsMembersOnly = MembersOnly,
        HasLobby = Lobby,
        Password = Password,
        Members = [.. Members.Select(Jid.Parse)],
        Moderators = [.. Moderators.Select(Jid.Parse)],
    });
}

/// <summary>Reads and writes the file's JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PolicyRow[]))]
internal sealed partial class PolicyJson : JsonSerializerContext;
