using System.Security.Cryptography;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Server.Storage;

/// <summary>SCRAM keys at rest (RFC 5802 section 3); the password itself is never kept.</summary>
/// <param name="Salt">The salt.</param>
/// <param name="Iterations">The iteration count.</param>
/// <param name="StoredKey">H(ClientKey).</param>
/// <param name="ServerKey">The server key.</param>
public sealed record ScramKeys(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>The number of the account's last change, a new password or a removal, when these were read; 0 for none. What changes later has a greater one.</summary>
    public long Change { get; init; }

    /// <summary>The keys of a password, with a salt of their own.</summary>
    /// <exception cref="ArgumentException">SASLprep prohibits the password.</exception>
    public static ScramKeys Of(ScramHash hash, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(ScramKeyDerivation.SaltBytes);
        var (stored, server) = ScramKeyDerivation.Derive(hash.Name, password, salt, ScramKeyDerivation.DefaultIterations);
        return new ScramKeys(salt, ScramKeyDerivation.DefaultIterations, stored, server);
    }

    /// <summary>The same as the mechanisms take them.</summary>
    public ScramCredentials ToCredentials() => new(Salt, Iterations, StoredKey, ServerKey);
}
