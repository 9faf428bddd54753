using Parley.Plugins.FocusAgent.Reservations;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>What moderation of every room goes by.</summary>
/// <param name="Policies">Who may enter which room.</param>
/// <param name="Reservations">Who reserved it.</param>
/// <param name="Ties">Which chat room it is tied to.</param>
/// <param name="Passwords">Judges passwords.</param>
public sealed record HouseRules(PolicyBook Policies, ReservationBook Reservations, ChatRoomTies Ties, Passwords Passwords);
