using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.TurnCredentials;

/// <summary>
/// Judges usernames. A sealed one is its subject's; any other <c>expiry:name</c> can only have been given a password by someone who holds the secret, such as
/// coturn's tools or a service of the operator's, and counts as an account <c>rest:name</c> of its own.
/// </summary>
public sealed class KeySource(SecretRing secrets, IssuedNames names, AccountPresence accounts, ISessionDirectory sessions, IContributions<IGuestRooms> rooms) : ITurnKeySource
{
    // A sealed username is at most 508 bytes; this bounds the work for what a datagram can hold beside.
    private const int MaxLength = UsernameCipher.MaxUsernameBytes;

    /// <inheritdoc/>
    public TurnKey Find(string username, DateTimeOffset now)
    {
        if (username.Length > MaxLength || !TrySplit(username, out var expiry, out var opaque)) return new TurnKey(TurnKeyState.Unknown);
        if (expiry <= now.ToUnixTimeSeconds()) return new TurnKey(TurnKeyState.Expired);
        foreach (var known in secrets.At(now))
        {
            // With a former secret nothing was issued that outlives it, whatever somebody who got hold of it may write.
            if (expiry <= known.Until && known.Cipher.Open(opaque, expiry) is { } subject) return Judge(subject, known.Secret.PasswordOf(username), now);
        }

        // Not sealed: any of the secrets may have made it.
        var passwords = secrets.At(now).Where(s => expiry <= s.Until).Select(s => s.Secret.PasswordOf(username)).ToList();
        return new TurnKey(TurnKeyState.Valid, passwords[0], $"rest:{opaque}", FormerPasswords: passwords.Count > 1 ? passwords[1..] : null);
    }

    /// <inheritdoc/>
    public string? FindName(ReadOnlySpan<byte> userhash) => names.Find(userhash);

    private TurnKey Judge(TurnSubject subject, string password, DateTimeOffset now)
    {
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
