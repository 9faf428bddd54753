using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Doctor.Network;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Doctor.Xmpp;

/// <summary>The client's side of SCRAM without channel binding (RFC 5802, RFC 7677). Used once.</summary>
/// <param name="algorithm">SHA-1 or SHA-256.</param>
/// <param name="user">The user name.</param>
/// <param name="password">The password.</param>
internal sealed class ScramClient(HashAlgorithmName algorithm, string user, string password)
{
    // More would be work that a server makes a client do.
    private const int MaxIterations = 1_000_000;
    private const string Gs2Header = "n,,";

    private readonly string _nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
    private byte[] _expected = [];

    private string Bare => $"n={user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={_nonce}";

    /// <summary>The client's first message.</summary>
    public byte[] First() => Encoding.UTF8.GetBytes(Gs2Header + Bare);

    /// <summary>The client's final message, to the server's first.</summary>
    public byte[] Final(byte[] challenge)
    {
        var serverFirst = Encoding.UTF8.GetString(challenge);
        var parts = serverFirst.Split(',');
        var nonce = Value(parts, "r=");
        var salt = Decode(Value(parts, "s="));
        if (!nonce.StartsWith(_nonce, StringComparison.Ordinal) || !int.TryParse(Value(parts, "i="), NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < 1 or > MaxIterations)
            throw new ReachException("the server's SCRAM challenge is none");
        if (!SaslPrep.TryPrepare(password, out var prepared)) throw new ReachException("the password holds characters that passwords may not have (RFC 4013)") { IsRefusal = true };
        var withoutProof = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(Gs2Header))},r={nonce}";
        var message = Encoding.UTF8.GetBytes($"{Bare},{serverFirst},{withoutProof}");
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(prepared), salt, iterations, algorithm, algorithm == HashAlgorithmName.SHA1 ? 20 : 32);
        var proof = Hmac(salted, "Client Key"u8);
        var signature = Hmac(CryptographicOperations.HashData(algorithm, proof), message);
        for (var i = 0; i < proof.Length; i++) proof[i] ^= signature[i];
        _expected = Hmac(Hmac(salted, "Server Key"u8), message);
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(proof)}");
    }

    /// <summary>Whether the server proved that it knows the password too.</summary>
    public bool IsProven(byte[] final) => _expected.Length > 0 && Encoding.UTF8.GetString(final) is var text && text.StartsWith("v=", StringComparison.Ordinal)
        && CryptographicOperations.FixedTimeEquals(_expected, Decode(text[2..].Split(',')[0]));

    private byte[] Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => CryptographicOperations.HmacData(algorithm, key, data);

    private static byte[] Decode(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException e)
        {
            throw new ReachException("the server's SCRAM message holds no Base64 where it should", e);
        }
    }

    private static string Value(string[] parts, string name) =>
        parts.FirstOrDefault(p => p.StartsWith(name, StringComparison.Ordinal))?[2..] ?? throw new ReachException("the server's SCRAM challenge is none");
}
