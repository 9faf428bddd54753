namespace Parley.Media.Core.Turn;

/// <summary>Knows the TURN users. Asked on the workers' threads, all at once, so it neither blocks nor keeps state of one caller.</summary>
public interface ITurnKeys
{
    /// <summary>Finds a user who may make allocations now; null for one unknown, expired or revoked.</summary>
    TurnAccount? Find(string username);

    /// <summary>Finds the name behind a USERHASH (RFC 8489 section 14.4); null for one that is not known by its hash.</summary>
    /// <param name="userhash">The 32 bytes of SHA-256 over <c>username:realm</c>.</param>
    string? FindName(ReadOnlySpan<byte> userhash) => null;
}

/// <summary>A TURN user.</summary>
/// <param name="Password">The password that its long-term key is made of (RFC 8489 section 9.2.2).</param>
/// <param name="Account">What quota counts by.</param>
/// <param name="IsGuest">Guests relay only to this server's media ports.</param>
/// <param name="Room">What a guest's use counts by beside that: the room that it is in; null while it is in none.</param>
/// <param name="FormerPasswords">Passwords that are right as well; null if there are none.</param>
public sealed record TurnAccount(string Password, string Account, bool IsGuest, string? Room = null, IReadOnlyList<string>? FormerPasswords = null);
