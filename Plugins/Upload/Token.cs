using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Plugins.Upload;

/// <summary>Unguessable parts of URLs. Only their hashes are stored, so that neither the database nor the disk tells where a file is to be had.</summary>
internal static class Token
{
    private const int Bytes = 24, Characters = 32;

    /// <summary>A new one: 192 random bits.</summary>
    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is stored for it, also the file's name on the disk; null if the text is no token.</summary>
    public static string? KeyOf(string token) =>
        token.Length == Characters && Encoding.ASCII.GetByteCount(token) == Characters ? Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)).AsSpan(0, 24)) : null;
}
