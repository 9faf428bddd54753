using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Parley.Xmpp.Core.Sasl;

/// <summary>A hash that SCRAM runs on: SHA-1 (RFC 5802) or SHA-256 (RFC 7677).</summary>
public sealed class ScramHash
{
    private ScramHash(string name, HashAlgorithmName algorithm, int bytes) => (Name, Algorithm, Bytes) = (name, algorithm, bytes);

    /// <summary>SHA-1.</summary>
    public static ScramHash Sha1 { get; } = new("SHA-1", HashAlgorithmName.SHA1, 20);

    /// <summary>SHA-256.</summary>
    public static ScramHash Sha256 { get; } = new("SHA-256", HashAlgorithmName.SHA256, 32);

    /// <summary>The name as in mechanism names and stores: <c>SHA-1</c>, <c>SHA-256</c>.</summary>
    public string Name { get; }

    /// <summary>The length of a digest in bytes.</summary>
    public int Bytes { get; }

    internal HashAlgorithmName Algorithm { get; }

    /// <summary>Finds a hash by its name.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out ScramHash? hash)
    {
        hash = name == Sha1.Name ? Sha1 : name == Sha256.Name ? Sha256 : null;
        return hash is not null;
    }

    internal byte[] Hash(ReadOnlySpan<byte> data) => CryptographicOperations.HashData(Algorithm, data);

    internal byte[] Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => CryptographicOperations.HmacData(Algorithm, key, data);
}
