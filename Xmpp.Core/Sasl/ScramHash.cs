using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Parley.Xmpp.Core.Sasl;

/// <summary>A hash that SCRAM runs on: SHA-1 (RFC 5802), SHA-256 (RFC 7677) or SHA-512 (draft-melnikov-scram-sha-512).</summary>
public sealed class ScramHash
{
    private ScramHash(string name, HashAlgorithmName algorithm, int bytes) => (Name, Algorithm, Bytes) = (name, algorithm, bytes);

    /// <summary>SHA-1.</summary>
    public static ScramHash Sha1 { get; } = new("SHA-1", HashAlgorithmName.SHA1, 20);

    /// <summary>SHA-256.</summary>
    public static ScramHash Sha256 { get; } = new("SHA-256", HashAlgorithmName.SHA256, 32);

    /// <summary>SHA-512.</summary>
    public static ScramHash Sha512 { get; } = new("SHA-512", HashAlgorithmName.SHA512, 64);

    /// <summary>All, the strongest first.</summary>
    public static IReadOnlyList<ScramHash> All { get; } = [Sha512, Sha256, Sha1];

    /// <summary>The name as in mechanism names and stores: <c>SHA-1</c>, <c>SHA-256</c>, <c>SHA-512</c>.</summary>
    public string Name { get; }

    /// <summary>The length of a digest in bytes.</summary>
    public int Bytes { get; }

    internal HashAlgorithmName Algorithm { get; }

    /// <summary>Finds a hash by its name.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out ScramHash? hash)
    {
        hash = All.FirstOrDefault(h => h.Name == name);
        return hash is not null;
    }

    /// <summary>The hash whose keys have that length.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ScramHash OfKey(ReadOnlyMemory<byte> storedKey) =>
        All.FirstOrDefault(h => h.Bytes == storedKey.Length) ?? throw new ArgumentException($"No hash gives keys of {storedKey.Length} bytes.", nameof(storedKey));

    internal byte[] Hash(ReadOnlySpan<byte> data) => CryptographicOperations.HashData(Algorithm, data);

    internal byte[] Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => CryptographicOperations.HmacData(Algorithm, key, data);
}
