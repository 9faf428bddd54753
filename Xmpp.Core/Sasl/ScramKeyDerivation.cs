using System.Security.Cryptography;
using System.Text;

namespace Parley.Xmpp.Core.Sasl;

/// <summary>Derives what a server keeps of a password (RFC 5802 section 3).</summary>
public static class ScramKeyDerivation
{
    /// <summary>The iteration count of new keys, and so of decoys: above RFC 7677's least of 4096, and bearable for phones.</summary>
    public const int DefaultIterations = 10_000;

    /// <summary>The bytes of salt of new keys, and so of decoys.</summary>
    public const int SaltBytes = 16;

    /// <summary>The keys of a password.</summary>
    /// <param name="hash"><c>SHA-1</c>, <c>SHA-256</c> or <c>SHA-512</c>.</param>
    /// <param name="password">The password as typed; prepared here (<see cref="SaslPrep"/>).</param>
    /// <param name="salt">The salt.</param>
    /// <param name="iterations">The iteration count.</param>
    /// <exception cref="ArgumentException">An unknown hash, or a password that SASLprep prohibits.</exception>
    public static (byte[] StoredKey, byte[] ServerKey) Derive(string hash, string password, ReadOnlySpan<byte> salt, int iterations)
    {
        if (!ScramHash.TryFind(hash, out var h)) throw new ArgumentException($"SCRAM does not run on {hash} here.", nameof(hash));
        if (!SaslPrep.TryPrepare(password, out var prepared)) throw new ArgumentException("The password is empty, too long or holds characters that passwords may not have (RFC 4013).", nameof(password));
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(prepared), salt, iterations, h.Algorithm, h.Bytes);
        var storedKey = h.Hash(h.Hmac(salted, "Client Key"u8));
        var serverKey = h.Hmac(salted, "Server Key"u8);
        CryptographicOperations.ZeroMemory(salted);
        return (storedKey, serverKey);
    }
}
