using System.Buffers.Text;
using System.Security.Cryptography;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>Picks and feeds the SASL mechanisms of one stream: Base64 and the choice are here, the mechanisms know bytes only.</summary>
internal static class SaslExchange
{
    /// <summary>Begins the mechanism that <c>auth</c> asks for; null with the condition of a refusal.</summary>
    public static SaslMechanism? Begin(string? name, ConnectionSecurity security, bool isGuestDomain, string domain, ScramDecoys decoys, out string condition)
    {
        condition = SaslConditions.InvalidMechanism;
        if (name is null || !StreamFeatures.Mechanisms(security, isGuestDomain).Contains(name))
        {
            var isKnown = StreamFeatures.Mechanisms(security with { IsEncrypted = true }, isGuestDomain).Contains(name);
            if (isKnown && !security.IsEncrypted) condition = SaslConditions.EncryptionRequired;
            return null;
        }

        if (name == "ANONYMOUS") return new AnonymousMechanism();
        if (name == "PLAIN") return new PlainMechanism(user => Decoy(ScramHash.Sha256, user));
        var hash = name.StartsWith("SCRAM-SHA-256", StringComparison.Ordinal) ? ScramHash.Sha256 : ScramHash.Sha1;
        var binding = new ScramBinding(name.EndsWith("-PLUS", StringComparison.Ordinal), security.HasChannelBinding, security.ServerEndPoint);
        return new ScramMechanism(hash, binding, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18)), user => Decoy(hash, user));

        // By the account that the name would be: one that exists has the same salt however its name is written.
        ScramCredentials Decoy(ScramHash of, string user) => decoys.Of(domain, Jid.TryCreate(user, domain, null, out var account) ? account.Local! : user, of);
    }

    /// <summary>Reads the message inside an element; null if it is not Base64. An equals sign stands for an empty one (RFC 6120 section 6.4.2).</summary>
    public static byte[]? ReadMessage(Element element)
    {
        var text = element.Value;
        if (text is "" or "=") return [];
        // Convert forgives white space, RFC 4648 section 3.3 does not.
        if (text.Any(char.IsWhiteSpace) || !Base64.IsValid(text)) return null;
        return Convert.FromBase64String(text);
    }
}
