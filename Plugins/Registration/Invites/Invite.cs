using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Registration.Invites;

/// <summary>An invitation, good for one.</summary>
/// <param name="Key">What its token is stored as.</param>
/// <param name="Domain">The served domain.</param>
/// <param name="Inviter">Whose contact the newcomer becomes; null: nobody's.</param>
/// <param name="MadeBy">The account that made it; null: the operator.</param>
/// <param name="User">The name that the account must have; null: the newcomer chooses.</param>
/// <param name="Expires">When it ends.</param>
internal sealed record Invite(string Key, string Domain, Jid? Inviter, Jid? MadeBy, string? User, DateTimeOffset Expires)
{
    private const int Bytes = 18, Characters = 24;

    /// <summary>A new token: 144 random bits.</summary>
    public static string MakeToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is stored for a token, so that the database does not let anybody in; null if the text is none.</summary>
    public static string? KeyOf(string? token) => token?.Length == Characters && token.All(char.IsAscii) ? Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token))) : null;

    /// <summary>The URI that a client understands (XEP-0401, XEP-0445 section 3).</summary>
    public string UriOf(string token) => this switch
    {
        { User: { } user } => $"xmpp:{Uri.EscapeDataString(user)}@{Domain}?register;preauth={token}",
        { Inviter: { } inviter } => $"xmpp:{Uri.EscapeDataString(inviter.Local!)}@{inviter.Domain}?roster;preauth={token};ibr=y",
        _ => $"xmpp:{Domain}?register;preauth={token}",
    };
}
