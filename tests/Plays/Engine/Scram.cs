using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Parley.tests.Plays.Engine;

/// <summary>The client's side of SCRAM (RFC 5802), with the binding <c>tls-server-end-point</c> (RFC 5929 section 4) where there is a certificate. Used once.</summary>
internal sealed class Scram(string mechanism, string user, string password, byte[]? certificate)
{
    private readonly HashAlgorithmName _hash = mechanism.Split('-') switch
    {
        [_, _, "1", ..] => HashAlgorithmName.SHA1,
        [_, _, "256", ..] => HashAlgorithmName.SHA256,
        [_, _, "512", ..] => HashAlgorithmName.SHA512,
        _ => throw new PlayException($"{mechanism} is not known here."),
    };

    private readonly string _nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));
    private readonly string _header = certificate is null ? "n,," : "p=tls-server-end-point,,";
    private byte[] _expected = [];

    /// <summary>The first message.</summary>
    public byte[] First() => Encoding.UTF8.GetBytes($"{_header}n={user},r={_nonce}");

    /// <summary>The final message, to the server's first.</summary>
    public byte[] Final(byte[] challenge)
    {
        var said = Encoding.UTF8.GetString(challenge);
        var values = said.Split(',').ToDictionary(p => p[0], p => p[2..]);
        byte[] binding = [.. Encoding.UTF8.GetBytes(_header), .. certificate is null ? [] : SHA256.HashData(certificate)];
        var withoutProof = $"c={Convert.ToBase64String(binding)},r={values['r']}";
        var message = Encoding.UTF8.GetBytes($"n={user},r={_nonce},{said},{withoutProof}");
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, Convert.FromBase64String(values['s']), int.Parse(values['i'], CultureInfo.InvariantCulture), _hash, CryptographicOperations.HashData(_hash, []).Length);
        var proof = Hmac(salted, "Client Key"u8);
        var signature = Hmac(CryptographicOperations.HashData(_hash, proof), message);
        for (var i = 0; i < proof.Length; i++) proof[i] ^= signature[i];
        _expected = Hmac(Hmac(salted, "Server Key"u8), message);
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(proof)}");
    }

    /// <summary>Whether the server proved that it knows the password too.</summary>
    public bool IsProven(byte[] final) => Encoding.UTF8.GetString(final) == $"v={Convert.ToBase64String(_expected)}";

    private byte[] Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => CryptographicOperations.HmacData(_hash, key, data);
}
