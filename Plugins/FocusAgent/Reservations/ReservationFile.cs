using System.Text.Json.Serialization;
using Parley.Plugins.FocusAgent.Storage;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Reservations;

/// <summary>The reservations on disk: <c>room-reservations.json</c> in the data directory, replaced whole at each change.</summary>
/// <param name="dataDirectory">The data directory.</param>
public sealed class ReservationFile(string dataDirectory)
{
    private const long MaxBytes = 32 * 1024 * 1024; // some 10,000 of the longest addresses

    private readonly KeptRows<ReservationRow> _rows =
        new(dataDirectory, "room-reservations.json", MaxBytes, "reservations of call rooms", "they are then forgotten", ReservationJson.Default.ReservationRowArray);

    /// <summary>Reads them.</summary>
    /// <exception cref="IOException">The file cannot be read or is damaged; the message says what to do.</exception>
    public IReadOnlyList<KeptReservation> Read() =>
        _rows.Read(r => new KeptReservation(Jid.Parse(r.Room), Jid.Parse(r.Account), DateTimeOffset.FromUnixTimeSeconds(r.Until), DateTimeOffset.FromUnixTimeMilliseconds(r.Since)));

    /// <summary>Writes them; on the disk when this returns.</summary>
    public Task WriteAsync(IEnumerable<KeptReservation> reservations, CancellationToken ct) =>
        _rows.WriteAsync([.. reservations.Select(r => new ReservationRow(r.Room.ToString(), r.Account.ToString(), r.Until.ToUnixTimeSeconds(), r.Since.ToUnixTimeMilliseconds()))], ct);
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
