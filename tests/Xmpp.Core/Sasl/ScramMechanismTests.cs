using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Core.Tests.Sasl;

public sealed class ScramMechanismTests
{
    private static readonly byte[] EndPoint = [1, 2, 3, 4];
    private static readonly ScramDecoys Decoys = new([9, 9, 9]);

    // RFC 5802 section 5 and RFC 7677 section 3.
    [Theory]
    [InlineData("SHA-1", "QSXCR+Q6sek8bf92", "3rfcNHYJY1ZVvWVs7j", "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")]
    [InlineData("SHA-256", "W22ZaJ0SNY7soEsUEjb6gQ==", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    public void The_standards_examples_run(string hash, string salt, string nonce, string first, string challenge, string final, string success)
    {
        Assert.True(ScramHash.TryFind(hash, out var h));
        var machine = new ScramMechanism(h, ScramBinding.None, nonce, Decoy(h));
        Assert.Equal(new SaslStep.NeedKeys("user", h), machine.Receive(Utf8(first)));
        Assert.Equal(challenge, Text(machine.Provide(Keys(h, "pencil", Convert.FromBase64String(salt), 4096))));
        var step = Assert.IsType<SaslStep.Success>(machine.Receive(Utf8(final)));
        Assert.Equal(("user", (string?)null, success), (step.UserName, step.AuthorizationId, Encoding.UTF8.GetString(step.Data.Span)));
    }

    [Fact]
    public void A_wrong_password_and_an_unknown_user_fail_alike_and_late()
    {
        var wrong = Run(ScramHash.Sha256, "n,,", "ann", "guess", Keys(ScramHash.Sha256, "right", new byte[16]), out var wrongChallenge);
        var unknown = Run(ScramHash.Sha256, "n,,", "nobody", "guess", null, out var unknownChallenge);
        Assert.Equal(new SaslStep.Failure(SaslConditions.NotAuthorized), wrong);
        Assert.Equal(wrong, unknown);
        Assert.Equal(wrongChallenge.Length, unknownChallenge.Length);
        Run(ScramHash.Sha256, "n,,", "nobody", "guess", null, out var again);
        Assert.Equal(unknownChallenge, again);
        Run(ScramHash.Sha256, "n,,", "noone", "guess", null, out var other);
        Assert.NotEqual(unknownChallenge, other);
    }

    [Fact]
    public void Nobody_gets_in_with_a_decoy()
    {
        // Even a client that knew the decoy's keys would fail: it is the user that does not exist.
        var clientKey = new byte[32];
        var decoy = Decoys.Of("example.org", "nobody", ScramHash.Sha256) with { StoredKey = SHA256.HashData(clientKey) };
        var machine = new ScramMechanism(ScramHash.Sha256, ScramBinding.None, "s", _ => decoy);
        machine.Receive("n,,n=nobody,r=c"u8);
        var signed = Utf8($"n=nobody,r=c,{Text(machine.Provide(null))},c=biws,r=cs");
        var proof = Convert.ToBase64String(HMACSHA256.HashData(SHA256.HashData(clientKey), signed));
        Assert.IsType<SaslStep.Failure>(machine.Receive(Utf8($"c=biws,r=cs,p={proof}")));
    }

    [Fact]
    public void Names_and_authorization_ids_are_unescaped() =>
        Assert.Equal(new SaslStep.Success(default, "a,b=c", "x,y@z"), Run(ScramHash.Sha1, "n,a=x=2Cy@z,", "a=2Cb=3Dc", "pw", Keys(ScramHash.Sha1, "pw", [1]), out _) is SaslStep.Success s ? s with { Data = default } : null);

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("n,,")]
    [InlineData("n,,n=user")]
    [InlineData("n,,r=x,n=user")]
    [InlineData("n,,n=,r=x")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,,n=user,r=a b")]
    [InlineData("n,,m=ext,n=user,r=x")]
    [InlineData("n,,n=us=er,r=x")]
    [InlineData("n,b=c,n=user,r=x")]
    [InlineData("x,,n=user,r=x")]
    [InlineData("nn,,n=user,r=x")]
    [InlineData("p=,,n=user,r=x")]
    [InlineData("p=tls-server-end-point,,n=user,r=x")]
    [InlineData("n,,n=us\0er,r=x")]
    public void A_first_message_that_is_none_is_malformed(string message) =>
        Assert.Equal(new SaslStep.Failure(SaslConditions.MalformedRequest), New(ScramHash.Sha1, ScramBinding.None).Receive(Utf8(message)));

    [Theory]
    [InlineData("", SaslConditions.MalformedRequest)]
    [InlineData("c=biws,r=cs", SaslConditions.MalformedRequest)]
    [InlineData("c=biws,r=cs,p=", SaslConditions.MalformedRequest)]
    [InlineData("c=biws,r=cs,p=!!!!", SaslConditions.MalformedRequest)]
    [InlineData("r=cs,c=biws,p=AAAA", SaslConditions.MalformedRequest)]
    [InlineData("c=biws,r=cs,p=AAAA", SaslConditions.NotAuthorized)]
    [InlineData("c=biws,r=other,p=AAAA", SaslConditions.NotAuthorized)]
    [InlineData("c=eSws,r=cs,p=AAAA", SaslConditions.NotAuthorized)]
    public void A_final_message_must_fit_the_first(string message, string condition)
    {
        var machine = New(ScramHash.Sha1, ScramBinding.None);
        machine.Receive("n,,n=user,r=c"u8);
        machine.Provide(null);
        Assert.Equal(new SaslStep.Failure(condition), machine.Receive(Utf8(message)));
    }

    [Theory]
    [InlineData("n,,", false, true, true)] // a client that cannot bind may come in where -PLUS is offered
    [InlineData("y,,", false, false, true)] // one that can, where it is not
    [InlineData("y,,", false, true, false)] // but not where it is: somebody took -PLUS off the list
    [InlineData("p=tls-server-end-point,,", true, true, true)]
    [InlineData("p=tls-unique,,", true, true, false)]
    [InlineData("n,,", true, true, false)]
    public void The_flag_must_tell_the_truth(string gs2, bool isPlus, bool isOffered, bool succeeds)
    {
        var step = Run(ScramHash.Sha256, gs2, "ann", "pw", Keys(ScramHash.Sha256, "pw", [7]), out _, new ScramBinding(isPlus, isOffered, EndPoint));
        Assert.Equal(succeeds, step is SaslStep.Success);
    }

    [Fact]
    public void A_binding_to_another_certificate_fails()
    {
        var step = Run(ScramHash.Sha256, "p=tls-server-end-point,,", "ann", "pw", Keys(ScramHash.Sha256, "pw", [7]), out _, new ScramBinding(true, true, EndPoint), clientSees: [6, 6, 6, 6]);
        Assert.Equal(new SaslStep.Failure(SaslConditions.NotAuthorized), step);
    }

    private static ScramMechanism New(ScramHash hash, ScramBinding binding) => new(hash, binding, "s", Decoy(hash));

    private static Func<string, ScramCredentials> Decoy(ScramHash hash) => user => Decoys.Of("example.org", user, hash);

    private static ScramCredentials Keys(ScramHash hash, string password, byte[] salt, int iterations = 10_000)
    {
        var (stored, server) = ScramKeyDerivation.Derive(hash.Name, password, salt, iterations);
        return new ScramCredentials(salt, iterations, stored, server);
    }

    // A client by the RFC's formulas.
    private static SaslStep Run(ScramHash hash, string gs2, string user, string password, ScramCredentials? keys, out string challenge, ScramBinding? binding = null, byte[]? clientSees = null)
    {
        challenge = "";
        var machine = New(hash, binding ?? ScramBinding.None);
        var step = machine.Receive(Utf8($"{gs2}n={user},r=c"));
        if (step is not SaslStep.NeedKeys) return step;
        challenge = Text(machine.Provide(keys));
        var salt = Convert.FromBase64String(challenge.Split(",s=")[1].Split(",i=")[0]);
        var name = new HashAlgorithmName(hash.Name.Replace("-", "", StringComparison.Ordinal));
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, int.Parse(challenge.Split(",i=")[1], System.Globalization.CultureInfo.InvariantCulture), name, hash.Bytes);
        var clientKey = CryptographicOperations.HmacData(name, salted, "Client Key"u8);
        byte[] seen = gs2[0] == 'p' ? clientSees ?? EndPoint : [];
        var withoutProof = $"c={Convert.ToBase64String([.. Utf8(gs2), .. seen])},r=cs";
        var signature = CryptographicOperations.HmacData(name, CryptographicOperations.HashData(name, clientKey), Utf8($"n={user},r=c,{challenge},{withoutProof}"));
        var proof = Convert.ToBase64String(clientKey.Zip(signature, (a, b) => (byte)(a ^ b)).ToArray());
        return machine.Receive(Utf8($"{withoutProof},p={proof}"));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(SaslStep step) => Encoding.UTF8.GetString(Assert.IsType<SaslStep.Challenge>(step).Data.Span);
}
