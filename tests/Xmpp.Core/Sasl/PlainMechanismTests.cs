using System.Text;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Core.Tests.Sasl;

public sealed class PlainMechanismTests
{
    private static readonly ScramDecoys Decoys = new([1]);

    [Theory]
    [InlineData("\0ann\0secret", true, null)]
    [InlineData("ann@example.org\0ann\0secret", true, "ann@example.org")]
    [InlineData("\0ann\0secreT", false, null)]
    public void The_password_decides(string message, bool succeeds, string? authorizationId)
    {
        var machine = New();
        Assert.Equal(new SaslStep.NeedKeys("ann", null), machine.Receive(Encoding.UTF8.GetBytes(message)));
        var step = machine.Provide(Keys("secret"));
        Assert.Equal(succeeds ? new SaslStep.Success(default, "ann", authorizationId, "secret") : new SaslStep.Failure(SaslConditions.NotAuthorized), step);
    }

    [Theory]
    [InlineData("SHA-1")]
    [InlineData("SHA-512")]
    public void Keys_of_any_hash_will_do(string hash)
    {
        var (stored, server) = ScramKeyDerivation.Derive(hash, "secret", [1, 2, 3], 4096);
        var keys = new ScramCredentials(new byte[] { 1, 2, 3 }, 4096, stored, server);
        foreach (var (password, succeeds) in new[] { ("secret", true), ("other", false) })
        {
            var machine = New();
            machine.Receive(Encoding.UTF8.GetBytes("\0ann\0" + password));
            Assert.Equal(succeeds, machine.Provide(keys) is SaslStep.Success);
        }
    }

    [Fact]
    public void The_password_is_not_printed() => Assert.DoesNotContain("secret", new SaslStep.Success(default, "ann", null, "secret").ToString(), StringComparison.Ordinal);

    [Fact]
    public void An_unknown_user_fails_like_a_wrong_password()
    {
        var machine = New();
        machine.Receive("\0nobody\0secret"u8);
        Assert.Equal(new SaslStep.Failure(SaslConditions.NotAuthorized), machine.Provide(null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ann\0secret")]
    [InlineData("a\0b\0c\0d")]
    public void A_message_of_other_than_three_parts_is_malformed(string message) =>
        Assert.Equal(new SaslStep.Failure(SaslConditions.MalformedRequest), New().Receive(Encoding.UTF8.GetBytes(message)));

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_malformed() =>
        Assert.Equal(new SaslStep.Failure(SaslConditions.MalformedRequest), New().Receive([0, 0xFF, 0, 0xFF]));

    [Theory]
    [InlineData("\0\0secret")]
    [InlineData("\0ann\0")]
    [InlineData("\0ann\0a\u0001")]
    public void Empty_or_prohibited_names_and_passwords_fail(string message) =>
        Assert.Equal(new SaslStep.Failure(SaslConditions.NotAuthorized), New().Receive(Encoding.UTF8.GetBytes(message)));

    [Fact]
    public void Whoever_is_anonymous_is_in() =>
        Assert.Equal(new SaslStep.Success(default, null, null), new AnonymousMechanism().Receive("trace"u8));

    private static PlainMechanism New() => new(user => Decoys.Of("example.org", user, ScramHash.Sha256));

    private static ScramCredentials Keys(string password)
    {
        var (stored, server) = ScramKeyDerivation.Derive("SHA-256", password, [1, 2, 3], 4096);
        return new ScramCredentials(new byte[] { 1, 2, 3 }, 4096, stored, server);
    }
}
