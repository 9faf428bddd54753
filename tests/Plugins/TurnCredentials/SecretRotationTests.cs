using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.TurnCredentials;

namespace Parley.tests.Plugins.TurnCredentials;

/// <summary>A secret is replaced and nobody who holds credentials notices, unless that is wanted.</summary>
public sealed class SecretRotationTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Credentials_of_the_former_secret_count_until_they_expire_and_not_longer()
    {
        var ring = Ring();
        var (before, secret) = (Issue(ring), ring.Current.Secret);
        var until = await ring.RotateAsync(isRevoking: false, Ct);
        Assert.Equal(_time.GetUtcNow().AddHours(12), until);
        Assert.NotEqual(secret.Text, ring.Current.Secret.Text);
        Assert.Equal(ring.Current.Secret.Text, (await File.ReadAllTextAsync(Path.Combine(_scratch.Path, "turn-secret"), Ct)).Trim());

        foreach (var each in (SecretRing[])[ring, Ring()]) // also after a restart
        {
            Assert.Equal(new TurnKey(TurnKeyState.Valid, before.Password, "ann@example.org"), Find(each, before.Username));
            Assert.NotEqual(before.Password, Issue(each).Password);
        }

        // Whoever got hold of the former secret cannot lengthen its life.
        var forged = new UsernameCipher(secret).Seal(new TurnSubject("ann@example.org"), 1_800_043_201)!;
        Assert.NotEqual("ann@example.org", Find(ring, forged).Account);
        Assert.DoesNotContain(secret.PasswordOf(forged), Passwords(Find(ring, forged)));
        _time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(TurnKeyState.Expired, Find(ring, before.Username).State);
        Assert.Single(ring.At(_time.GetUtcNow()));
    }

    [Fact]
    public async Task The_longest_lifetime_counts_though_it_was_shortened_since()
    {
        Issue(Ring(), TimeSpan.FromDays(3));
        var until = await Ring().RotateAsync(isRevoking: false, Ct); // the lifetime is 12 hours by now
        Assert.Equal(_time.GetUtcNow().AddDays(3), until);
    }

    [Fact]
    public async Task Who_makes_credentials_of_the_secret_elsewhere_has_the_same_time_to_change()
    {
        var ring = Ring();
        var former = ring.Current.Secret;
        await ring.RotateAsync(isRevoking: false, Ct);
        const string Username = "1800000600:u1";
        var key = Find(ring, Username);
        Assert.Equal((TurnKeyState.Valid, "rest:u1", ring.Current.Secret.PasswordOf(Username)), (key.State, key.Account, key.Password));
        Assert.Equal([former.PasswordOf(Username)], key.FormerPasswords!);
    }

    [Fact]
    public async Task A_secret_that_got_known_is_revoked_at_once_with_all_before_it()
    {
        var ring = Ring();
        var first = Issue(ring);
        await ring.RotateAsync(isRevoking: false, Ct);
        var second = Issue(ring);
        Assert.Equal(0, ring.Generation);
        await ring.RotateAsync(isRevoking: true, Ct);
        Assert.Equal(1, ring.Generation);
        foreach (var each in (SecretRing[])[ring, Ring()])
        {
            foreach (var revoked in (Parley.Plugin.Abstractions.TurnCredentials[])[first, second])
            {
                Assert.NotEqual("ann@example.org", Find(each, revoked.Username).Account);
                Assert.DoesNotContain(revoked.Password, Passwords(Find(each, revoked.Username)));
            }
        }
    }

    [Fact]
    public async Task A_secret_changed_by_hand_or_by_the_configuration_is_a_rotation_too()
    {
        var made = Issue(Ring());
        var configured = Ring("a-secret-of-the-configuration");
        var issued = Issue(configured);
        Assert.Equal("ann@example.org", Find(configured, made.Username).Account);
        Assert.Null(await configured.RotateAsync(isRevoking: false, Ct)); // it is the operator's to change
        Assert.Null(await configured.RotateAsync(isRevoking: true, Ct));

        var next = Ring("another-one-of-the-configuration");
        Assert.Equal(["ann@example.org", "ann@example.org"], new[] { made, issued }.Select(c => Find(next, c.Username).Account));
        await File.WriteAllTextAsync(Path.Combine(_scratch.Path, "turn-secret"), "a-secret-that-somebody-wrote\n", Ct);
        var written = Ring();
        Assert.Equal("a-secret-that-somebody-wrote", written.Current.Secret.Text);
        Assert.Equal(["ann@example.org", "ann@example.org"], new[] { made, issued }.Select(c => Find(written, c.Username).Account));
    }

    [Fact]
    public async Task So_many_are_kept_and_no_more()
    {
        var ring = Ring();
        for (var i = 0; i < 2 * SecretRing.MaxFormer; i++)
        {
            Issue(ring);
            await ring.RotateAsync(isRevoking: false, Ct);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1 + SecretRing.MaxFormer, ring.At(_time.GetUtcNow()).Count());
        Assert.Equal(1 + SecretRing.MaxFormer, Ring().At(_time.GetUtcNow()).Count());
    }

    [Fact]
    public async Task What_is_remembered_is_its_owners_and_a_damaged_file_is_named()
    {
        var ring = Ring();
        Issue(ring);
        var path = Path.Combine(_scratch.Path, "turn-secrets-former.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        foreach (var damage in (string[])["{", "null!", "{\"current\":null}", new string(' ', 100_000)])
        {
            await File.WriteAllTextAsync(path, damage, Ct);
            Assert.Contains(path, Assert.Throws<IOException>(() => Ring()).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("short", "must be 16 to 256 visible ASCII characters")]
    [InlineData("with a blank in its midst", "must be 16 to 256 visible ASCII characters")]
    [InlineData("please-changeme-please", "is a placeholder")]
    [InlineData("abababababababababab", "is a placeholder")]
    public void A_configured_secret_that_is_none_is_named(string secret, string fault)
    {
        Assert.StartsWith($"Secret: {fault}", Assert.Single(TurnCredentialsOptions.Validate(new TurnCredentialsOptions { Secret = secret })), StringComparison.Ordinal);
        Assert.Empty(TurnCredentialsOptions.Validate(new TurnCredentialsOptions { Secret = "VzQ1bXlzZWNyZXQtb2YtY290dXJu" }));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private SecretRing Ring(string? secret = null)
    {
        var server = Substitute.For<IServerInfo>();
        server.DataDirectory.Returns(_scratch.Path);
        return new SecretRing(server, Microsoft.Extensions.Options.Options.Create(new TurnCredentialsOptions { Secret = secret }), _time);
    }

    private Parley.Plugin.Abstractions.TurnCredentials Issue(SecretRing ring, TimeSpan? lifetime = null) =>
        new CredentialIssuer(ring, Names(), Options.Of(new TurnCredentialsOptions { Lifetime = lifetime ?? TimeSpan.FromHours(12) }), _time)
            .Issue(new ServiceRequester("ann@example.org/x", new SenderInfo(SenderKind.Account, "s0"), "example.org"))!;

    private TurnKey Find(SecretRing ring, string username) =>
        new KeySource(ring, Names(), new AccountPresence(), Substitute.For<ISessionDirectory>(), Substitute.For<IContributions<IGuestRooms>>()).Find(username, _time.GetUtcNow());

    private IssuedNames Names()
    {
        var server = Substitute.For<IServerInfo>();
        server.Domains.Returns(["example.org"]);
        return new IssuedNames(server, _time);
    }

    private static IEnumerable<string> Passwords(TurnKey key) => [key.Password, .. key.FormerPasswords ?? []];
}
