using System.Security.Cryptography;
using System.Text;

namespace Parley.Xmpp.Server.Federation;

/// <summary>Makes dialback keys that can be checked without being remembered (XEP-0185 section 2).</summary>
internal sealed class DialbackKeys
{
    private readonly byte[] _key;

    /// <summary>Keys of a secret of this process's own: none needs to be valid longer than a connection takes to be made.</summary>
    public DialbackKeys() : this(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))) { }

    /// <summary>Keys of that secret.</summary>
    public DialbackKeys(string secret) => _key = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))));

    /// <summary>The key for a stream.</summary>
    /// <param name="receiving">The domain that the stream goes to.</param>
    /// <param name="originating">The domain that it comes from.</param>
    /// <param name="streamId">Its id, given by the receiving side.</param>
    public string Make(string receiving, string originating, string streamId) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{receiving} {originating} {streamId}")));

    /// <summary>Whether a key is the one of that stream.</summary>
    public bool IsRight(string key, string receiving, string originating, string streamId) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(Make(receiving, originating, streamId)));
}
