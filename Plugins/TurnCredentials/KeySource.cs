using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.TurnCredentials;

/// <summary>
/// Judges usernames. A sealed one is its subject's; any other <c>expiry:name</c> can only have been given a password by someone who holds the secret, such as
/// coturn's tools or a service of the operator's, and counts as an account <c>rest:name</c> of its own.
/// </summary>
public sealed class KeySource(TurnSecret secret, UsernameCipher cipher, AccountPresence accounts, ISessionDirectory sessions, IContributions<IGuestRooms> rooms) : ITurnKeySource
{
    // A sealed username is at most 508 bytes; this bounds the work for what a datagram can hold beside.
    private const int MaxLength = UsernameCipher.MaxUsernameBytes;

    /// <inheritdoc/>
    public TurnKey Find(string username, DateTimeOffset now)
    {
        if (username.Length > MaxLength || !TrySplit(username, out var expiry, out var opaque)) return new TurnKey(TurnKeyState.Unknown);
        if (expiry <= now.ToUnixTimeSeconds()) return new TurnKey(TurnKeyState.Expired);
        var subject = cipher.Open(opaque, expiry);
        var password = secret.PasswordOf(username);
        if (subject is null) return new TurnKey(TurnKeyState.Valid, password, $"rest:{opaque}");
        if (subject.GuestSession is not { } id) return accounts.IsGone(subject.Account, now) ? new TurnKey(TurnKeyState.Expired) : new TurnKey(TurnKeyState.Valid, password, subject.Account);
        // A guest's credentials end with its session.
        return sessions.FindById(id) is { } session ? new TurnKey(TurnKeyState.Valid, password, subject.Account, IsGuest: true, RoomOf(session.Jid)) : new TurnKey(TurnKeyState.Expired);
    }

    private string? RoomOf(Jid guest) => rooms.Items.Select(r => r.RoomOf(guest)).FirstOrDefault(r => r is not null) is { } room ? $"room:{room}" : null;

    private static bool TrySplit(string username, out long expiry, out ReadOnlySpan<char> opaque)
    {
        var colon = username.IndexOf(':', StringComparison.Ordinal);
        opaque = colon < 0 ? default : username.AsSpan(colon + 1);
        return long.TryParse(colon < 0 ? username : username.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out expiry);
    }
}
