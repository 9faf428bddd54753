namespace Parley.Media.Core.Turn;

/// <summary>What an Allocate obtained: a relay port, or one of each family; each of them is on the account.</summary>
/// <param name="Relay">The port, of IPv4 if there are two.</param>
/// <param name="Charge">On whose account.</param>
/// <param name="Second">The port of IPv6 that ADDITIONAL-ADDRESS-FAMILY asked for; null if there is none.</param>
/// <param name="Token">The token of the port above, if that was to be reserved.</param>
/// <param name="Lacking">Of the two families that were asked for, the one that could not be had, and why; 0 for none (RFC 8656 section 18.12).</param>
internal sealed record TurnPorts(RelayPort Relay, TurnCharge Charge, RelayPort? Second = null, ulong? Token = null, (byte Family, int Code) Lacking = default);
