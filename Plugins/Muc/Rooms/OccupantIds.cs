using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Ids of occupants (XEP-0421 section 4.1): the same for an account whenever it enters this room, another in each room, and no way back.</summary>
/// <param name="secret">The room's own key.</param>
internal sealed class OccupantIds(byte[] secret)
{
    /// <summary>The length of a room's key, in bytes.</summary>
    public const int SecretLength = 32;

    /// <summary>The id of a bare address.</summary>
    public string Of(Jid account) => Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(account.ToString())).AsSpan(0, 20));
}
