using System.Buffers.Text;
using System.Security.Cryptography;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>Picks and feeds the SASL mechanisms of one stream: Base64 and the choice are here, the mechanisms know bytes only.</summary>
/// <param name="security">What the carrier protects.</param>
/// <param name="isGuestDomain">Whether guests come in here.</param>
/// <param name="domain">The domain.</param>
/// <param name="hashes">The hashes that SCRAM runs on here.</param>
/// <param name="decoys">What unknown users look like.</param>
/// <param name="offersTokens">Whether a token may stand for the password (XEP-0484).</param>
internal sealed class SaslExchange(ConnectionSecurity security, bool isGuestDomain, string domain, IReadOnlyList<ScramHash> hashes, ScramDecoys decoys, bool offersTokens)
{
    /// <summary>The mechanisms to offer.</summary>
    public IReadOnlyList<string> Mechanisms { get; } = SaslMechanisms.Of(security, isGuestDomain, hashes);

    /// <summary>The mechanisms that take a token.</summary>
    public IReadOnlyList<string> FastMechanisms { get; } = offersTokens && !isGuestDomain ? SaslMechanisms.Fast(security) : [];

    /// <summary>Begins the mechanism that <c>auth</c> asks for; null with the condition of a refusal.</summary>
    public SaslMechanism? Begin(string? name, out string condition)
    {
        condition = SaslConditions.InvalidMechanism;
        if (name is null || !Mechanisms.Contains(name))
        {
            var isKnown = SaslMechanisms.Of(security with { IsEncrypted = true }, isGuestDomain, hashes).Contains(name);
            if (isKnown && !security.IsEncrypted) condition = SaslConditions.EncryptionRequired;
            return null;
        }

        if (name == "ANONYMOUS") return new AnonymousMechanism();
        // As most accounts look: by the strongest that all have.
        if (name == "PLAIN") return new PlainMechanism(user => Decoy(hashes is [var strongest, ..] ? strongest : ScramHash.Sha256, user));
        var (hash, isPlus) = SaslMechanisms.ReadScram(name);
        var binding = new ScramBinding(isPlus, security.HasChannelBinding, security.ServerEndPoint);
        var attributes = DowngradeProtection.Attributes(hash, Mechanisms, security.HasChannelBinding ? [ScramBinding.Name] : [], security.TlsVersion);
        return new ScramMechanism(hash, binding, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18)), user => Decoy(hash, user), attributes);
    }

    /// <summary>Begins a mechanism that takes a token; null if it is none of those offered.</summary>
    public HtMechanism? BeginFast(string? name) =>
        !FastMechanisms.Contains(name) ? null : new HtMechanism(name == SaslMechanisms.FastBound ? security.ServerEndPoint : ReadOnlyMemory<byte>.Empty);

    /// <summary>Reads the message inside an element; null if it is not Base64. An equals sign stands for an empty one (RFC 6120 section 6.4.2).</summary>
    public static byte[]? ReadMessage(Element element)
    {
        var text = element.Value;
        if (text is "" or "=") return [];
        // Convert forgives white space, RFC 4648 section 3.3 does not.
        if (text.Any(char.IsWhiteSpace) || !Base64.IsValid(text)) return null;
        return Convert.FromBase64String(text);
    }

    // By the account that the name would be: one that exists has the same salt however its name is written.
    private ScramCredentials Decoy(ScramHash of, string user) => decoys.Of(domain, Jid.TryCreate(user, domain, null, out var account) ? account.Local! : user, of);
}
