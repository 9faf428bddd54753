using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Plugins.TurnCredentials;

/// <summary>
/// Usernames of the REST form <c>expiry:opaque</c>, the opaque part being the subject sealed by AES-GCM: whoever sees the username on the wire learns nobody's
/// address, and this server learns whose it is after a restart too, without keeping a table.
/// </summary>
public sealed class UsernameCipher(TurnSecret secret)
{
    /// <summary>The longest USERNAME of RFC 8489 section 14.3.</summary>
    public const int MaxUsernameBytes = 508;

    private const int NonceBytes = 12, TagBytes = 16;
    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret.Text), 32, info: "parley turn username"u8.ToArray());

    /// <summary>Makes a username; null if the subject is too long for one.</summary>
    public string? Seal(TurnSubject subject, long expiry)
    {
        var clear = subject.Write();
        var expiryText = expiry.ToString(CultureInfo.InvariantCulture);
        if (expiryText.Length + 1 + Base64Url.GetEncodedLength(NonceBytes + clear.Length + TagBytes) > MaxUsernameBytes) return null;

        var box = new byte[NonceBytes + clear.Length + TagBytes];
        var nonce = box.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, clear, box.AsSpan(NonceBytes, clear.Length), box.AsSpan(^TagBytes..), Encoding.ASCII.GetBytes(expiryText));
        return $"{expiryText}:{Base64Url.EncodeToString(box)}";
    }

    /// <summary>The subject of an opaque part; null if this server did not make it for that expiry.</summary>
    public TurnSubject? Open(ReadOnlySpan<char> opaque, long expiry)
    {
        if (opaque.Length > MaxUsernameBytes || !Base64Url.IsValid(opaque)) return null;
        var box = Base64Url.DecodeFromChars(opaque);
        if (box.Length <= NonceBytes + TagBytes) return null;

        var clear = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_key, TagBytes);
        try
        {
            aes.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, clear.Length), box.AsSpan(^TagBytes..), clear,
                Encoding.ASCII.GetBytes(expiry.ToString(CultureInfo.InvariantCulture)));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null; // .NET reports a foreign seal only so
        }

        return TurnSubject.Read(clear);
    }
}
