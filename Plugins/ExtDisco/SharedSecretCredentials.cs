using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.ExtDisco;

/// <summary>
/// Credentials for another server: fixed ones, or of the REST form that coturn, eturnal and others share (draft-uberti-behave-turn-rest). The name in it is the same for one account
/// each time, so that the other server can count by it, and tells nobody whose it is.
/// </summary>
public static class SharedSecretCredentials
{
    private const int NameBytes = 12;

    /// <summary>Credentials for a requester.</summary>
    public static TurnCredentials Make(OwnCredentials own, ServiceRequester requester, DateTimeOffset now)
    {
        if (own.Secret is null) return new TurnCredentials(own.Username!, own.Password!, DateTimeOffset.MaxValue);
        var key = Encoding.UTF8.GetBytes(own.Secret);
        var expires = DateTimeOffset.FromUnixTimeSeconds((now + own.Lifetime).ToUnixTimeSeconds());
        var name = Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("parley turn name\n" + requester.Jid.Bare)).AsSpan(0, NameBytes));
        var username = string.Create(CultureInfo.InvariantCulture, $"{expires.ToUnixTimeSeconds()}:{name}");
#pragma warning disable CA5350 // The form that all TURN tools share demands SHA-1; as an HMAC it is still sound.
        return new TurnCredentials(username, Convert.ToBase64String(HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(username))), expires);
#pragma warning restore CA5350
    }
}
