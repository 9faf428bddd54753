using System.Text.Json.Serialization;
using Parley.Plugins.FocusAgent.Storage;
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
    private const long MaxBytes = 64 * 1024 * 1024;

    private readonly KeptRows<PolicyRow> _rows =
        new(dataDirectory, "room-policies.json", MaxBytes, "policies of call rooms", "the rooms are then as open as the settings say", PolicyJson.Default.PolicyRowArray);

    /// <summary>Reads them.</summary>
    /// <exception cref="IOException">The file cannot be read or is damaged; the message says what to do.</exception>
    public IReadOnlyList<KeptPolicy> Read() => _rows.Read(r => r.ToPolicy());

    /// <summary>Writes them; on the disk when this returns.</summary>
    public Task WriteAsync(IEnumerable<KeptPolicy> policies, CancellationToken ct) => _rows.WriteAsync([.. policies.Select(PolicyRow.Of)], ct);
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
