using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Core.Tests.Sasl;

public sealed class ScramKeyDerivationTests
{
    // RFC 5802 section 5 and RFC 7677 section 3 give whole exchanges: the keys are right exactly if they explain proof and signature.
    [Theory]
    [InlineData("SHA-1", "QSXCR+Q6sek8bf92", "n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096", "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j", "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "rmF9pqV8S7suAoZWja4dJRkFsKQ=")]
    [InlineData("SHA-256", "W22ZaJ0SNY7soEsUEjb6gQ==", "n=user,r=rOprNGfwEbeRWgbNEkqO",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    public void The_keys_explain_the_proof_and_signature_of_the_standards_examples(string hash, string salt, string clientFirst, string serverFirst, string clientFinal, string proof, string signature)
    {
        var (storedKey, serverKey) = ScramKeyDerivation.Derive(hash, "pencil", Convert.FromBase64String(salt), 4096);
        var name = new HashAlgorithmName(hash.Replace("-", "", StringComparison.Ordinal));
        var message = Encoding.UTF8.GetBytes($"{clientFirst},{serverFirst},{clientFinal}");
        var clientKey = Convert.FromBase64String(proof).Zip(CryptographicOperations.HmacData(name, storedKey, message), (a, b) => (byte)(a ^ b)).ToArray();
        Assert.Equal(storedKey, CryptographicOperations.HashData(name, clientKey));
        Assert.Equal(signature, Convert.ToBase64String(CryptographicOperations.HmacData(name, serverKey, message)));
    }

    [Fact]
    public void A_password_is_prepared_so_that_every_keyboard_gives_the_same_keys()
    {
        // U+00AA and U+2168 are RFC 4013 section 3's examples; U+00A0 is a space, U+00AD nothing.
        Assert.Equal(Keys("a IX"), Keys("\u00AA\u00A0\u00AD\u2168"));
        Assert.NotEqual(Keys("user"), Keys("USER"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\u0007")]
    [InlineData("\uE000")]
    [InlineData("\uD800x")]
    [InlineData("\u00AD")]
    public void A_password_that_SASLprep_prohibits_is_refused(string password) =>
        Assert.Throws<ArgumentException>(() => ScramKeyDerivation.Derive("SHA-1", password, [1, 2, 3], 4096));

    [Fact]
    public void A_hash_that_is_not_offered_is_refused() => Assert.Throws<ArgumentException>(() => ScramKeyDerivation.Derive("MD5", "pencil", [1], 4096));

    private static string Keys(string password)
    {
        var (a, b) = ScramKeyDerivation.Derive("SHA-256", password, [1, 2, 3, 4], 4096);
        return Convert.ToHexString(a) + Convert.ToHexString(b);
    }
}
