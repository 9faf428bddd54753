using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugin.Abstractions;

/// <summary>Offers services for XEP-0215 to list.</summary>
public interface IExternalServiceSource
{
    /// <summary>The services to list for a requester, in this source's preferred order.</summary>
    IReadOnlyList<ExternalService> List(ServiceRequester requester);
}

/// <summary>Who asks for external services.</summary>
/// <param name="Jid">The full address.</param>
/// <param name="Sender">What the server knows of it.</param>
/// <param name="Domain">The served domain that is asked.</param>
public sealed record ServiceRequester(Jid Jid, SenderInfo Sender, string Domain);

/// <summary>A service (XEP-0215 section 3).</summary>
/// <param name="Type">Such as <c>stun</c>, <c>turn</c>, <c>turns</c>.</param>
/// <param name="Host">A literal address or a host name.</param>
/// <param name="Port">The port.</param>
/// <param name="Transport"><c>udp</c> or <c>tcp</c>.</param>
/// <param name="Restricted">Needs credentials, which an <see cref="ITurnCredentialIssuer"/> gives.</param>
/// <param name="Name">A name for people; null if none.</param>
public sealed record ExternalService(string Type, string Host, int Port, string Transport, bool Restricted, string? Name = null);

/// <summary>Issues time-limited TURN credentials.</summary>
public interface ITurnCredentialIssuer
{
    /// <summary>Credentials for a requester; null if it may have none.</summary>
    TurnCredentials? Issue(ServiceRequester requester);

    /// <summary>Rises when credentials that were issued before are worth nothing any more, so that whoever holds some should be given new ones.</summary>
    long Generation => 0;
}

/// <summary>The secrets behind TURN credentials, for whoever administers the server.</summary>
public interface ITurnSecrets
{
    /// <summary>Makes a new secret, durable when this returns.</summary>
    /// <param name="isRevoking">Whether credentials of former secrets end at once; otherwise they count until they expire.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <returns>When the last credentials of former secrets end; null if the secret is not this server's to change, and nothing was done.</returns>
    ValueTask<DateTimeOffset?> RotateAsync(bool isRevoking, CancellationToken ct = default);
}

/// <summary>TURN credentials.</summary>
/// <param name="Username">The REST form: <c>expiry:opaque</c>, expiry in Unix seconds.</param>
/// <param name="Password">Base64 of HMAC-SHA1 over the username by the shared secret.</param>
/// <param name="Expires">When they end.</param>
public sealed record TurnCredentials(string Username, string Password, DateTimeOffset Expires);

/// <summary>Knows the passwords of TURN usernames; asked by the embedded TURN server on each worker's own thread, so it never blocks.</summary>
public interface ITurnKeySource
{
    /// <summary>Judges a username.</summary>
    TurnKey Find(string username, DateTimeOffset now);

    /// <summary>The username behind a USERHASH (RFC 8489 section 14.4), where this source can tell; else null.</summary>
    /// <param name="userhash">The 32 bytes of SHA-256 over <c>username:realm</c>; the realm is the first served domain.</param>
    string? FindName(ReadOnlySpan<byte> userhash) => null;
}

/// <summary>What a TURN username is worth.</summary>
public enum TurnKeyState
{
    /// <summary>No username of this source.</summary>
    Unknown,
    /// <summary>Well formed, but expired or revoked.</summary>
    Expired,
    /// <summary>Valid: check the password.</summary>
    Valid,
}

/// <summary>The answer to a TURN username.</summary>
/// <param name="State">Its state; the rest counts only where Valid.</param>
/// <param name="Password">The password for the long-term key (RFC 8489 section 9.2.2).</param>
/// <param name="Account">What quota counts by: the account's bare address, or the guest's group.</param>
/// <param name="IsGuest">A guest: relays only to this server's own media ports.</param>
/// <param name="Room">What quota counts by beside that: the call room that a guest is in; null while it is in none.</param>
/// <param name="FormerPasswords">Passwords that are right as well, where the username may have been made with a former secret; null if there are none.</param>
public readonly record struct TurnKey(TurnKeyState State, string Password = "", string Account = "", bool IsGuest = false, string? Room = null, IReadOnlyList<string>? FormerPasswords = null);
