using System.Text;

namespace Parley.Xmpp.Core.Sasl;

/// <summary>What a server keeps of a password for one hash (RFC 5802 section 3).</summary>
public sealed record ScramCredentials(ReadOnlyMemory<byte> Salt, int Iterations, ReadOnlyMemory<byte> StoredKey, ReadOnlyMemory<byte> ServerKey);

/// <summary>
/// Makes up credentials for users that do not exist, the same ones each time, so that nobody learns from the salt who does (RFC 5802 section 9).
/// </summary>
public sealed class ScramDecoys
{
    private readonly byte[] _secret;

    /// <summary>Makes decoys that look like this server's accounts.</summary>
    /// <param name="secret">Kept over restarts, else a changed salt would tell.</param>
    public ScramDecoys(ReadOnlySpan<byte> secret) => _secret = secret.ToArray();

    /// <summary>Credentials that no password matches.</summary>
    public ScramCredentials Of(string domain, string userName, ScramHash hash)
    {
        byte[] Derive(string purpose) => hash.Hmac(_secret, Encoding.UTF8.GetBytes($"{purpose}\0{hash.Name}\0{domain}\0{userName}"));
        return new ScramCredentials(Derive("salt").AsMemory(0, ScramKeyDerivation.SaltBytes), ScramKeyDerivation.DefaultIterations, Derive("stored"), Derive("server"));
    }
}
