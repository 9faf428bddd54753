using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Xmpp.Server.Components;

/// <summary>How a component shows that it knows the secret (XEP-0114 section 3).</summary>
internal static class ComponentHandshake
{
    /// <summary>The credentials: SHA-1 of the stream's id and the secret, in lower-case hexadecimal.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The protocol says so; it is a keyed digest of an unpredictable id, for one use.")]
    public static string Digest(string streamId, string secret) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(streamId + secret)));

    /// <summary>Whether these are the credentials, told in a time that does not depend on where they differ.</summary>
    public static bool IsRight(string given, string streamId, string secret) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given.Trim()), Encoding.UTF8.GetBytes(Digest(streamId, secret)));
}
