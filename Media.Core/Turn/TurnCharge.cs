namespace Parley.Media.Core.Turn;

/// <summary>On whose account a relay port is.</summary>
/// <param name="Account">The account, or the network that a guest comes from.</param>
/// <param name="Room">The room that a guest is in; null for accounts, and while it is in none.</param>
internal sealed record TurnCharge(string Account, string? Room = null);
