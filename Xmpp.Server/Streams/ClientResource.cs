using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Streams;

/// <summary>
/// Makes resources for clients that bind by XEP-0386 (section 4): the same one each time for the same installation, so that it takes the place of its former session, and none that
/// shows the installation's id.
/// </summary>
/// <param name="secret">Kept over restarts.</param>
internal sealed class ClientResource(byte[] secret)
{
    private const int Bytes = 9;

    /// <summary>The resource.</summary>
    /// <param name="account">The account.</param>
    /// <param name="clientId">The installation's id; null for one that does not say.</param>
    /// <param name="tag">What the client calls itself; left out where no resource can hold it.</param>
    public string Of(Jid account, string? clientId, string? tag)
    {
        var made = Base64Url.EncodeToString(clientId is null
            ? RandomNumberGenerator.GetBytes(Bytes)
            : HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"resource\0{account.Bare}\0{clientId}\0{tag}")).AsSpan(0, Bytes));
        return !string.IsNullOrEmpty(tag) && Jid.TryCreate(account.Local, account.Domain, $"{tag}/{made}", out _) ? $"{tag}/{made}" : made;
    }
}
