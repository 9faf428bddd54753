using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugin.Abstractions;

/// <summary>Reservations of call rooms, contributed by the plugin that serves them: while an account has reserved a room, guests may enter it though nobody is there yet.</summary>
public interface IRoomReservations
{
    /// <summary>The reservations in force, by room; of one account, or (null) of all.</summary>
    IReadOnlyList<RoomReservation> List(Jid? account = null);

    /// <summary>Reserves a room for an account, or moves the end of its reservation; durable when this returns <see cref="ReservationResult.Done"/>.</summary>
    ValueTask<ReservationResult> ReserveAsync(Jid account, Jid room, DateTimeOffset until, CancellationToken ct = default);

    /// <summary>Ends an account's reservation of a room; false if there was none.</summary>
    ValueTask<bool> ReleaseAsync(Jid account, Jid room, CancellationToken ct = default);
}

/// <summary>A reservation. Several accounts may have reserved the same room.</summary>
/// <param name="Room">The room's bare address.</param>
/// <param name="Account">Whose it is: a bare address.</param>
/// <param name="Until">When it ends.</param>
public sealed record RoomReservation(Jid Room, Jid Account, DateTimeOffset Until);

/// <summary>What came of a reservation.</summary>
public enum ReservationResult
{
    /// <summary>It is in force.</summary>
    Done,
    /// <summary>The address is no room's.</summary>
    NoRoom,
    /// <summary>There is no such account.</summary>
    NoAccount,
    /// <summary>The end is past, or further away than a reservation may last.</summary>
    OutOfRange,
    /// <summary>The account, or the server, has as many as there may be.</summary>
    TooMany,
}
