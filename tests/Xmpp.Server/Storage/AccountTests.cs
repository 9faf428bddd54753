using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>Accounts and their keys.</summary>
public sealed class AccountTests
{
    private static readonly Jid Ann = "ann@one.test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Accounts_are_added_listed_by_domain_and_removed()
    {
        await using var storage = new TestStorage();
        var accounts = storage.Get<IAccountAdministration>();
        foreach (var name in new[] { "ben@two.test", "ann@one.test", "ann@two.test" }) Assert.True(await accounts.AddAsync(name, "secret", Ct));
        Assert.False(await accounts.AddAsync(Ann, "other", Ct));
        Assert.Equal(["ann@one.test", "ann@two.test", "ben@two.test"], (await accounts.ListAsync(null, Ct)).Select(j => j.ToString()));
        Assert.Equal(["ann@two.test", "ben@two.test"], (await accounts.ListAsync("two.test", Ct)).Select(j => j.ToString()));
        Assert.True(await accounts.RemoveAsync(Ann, Ct));
        Assert.False(await accounts.RemoveAsync(Ann, Ct));
        Assert.False(await storage.Get<IAccountStore>().ExistsAsync(Ann, Ct));
        Assert.True(await storage.Get<IAccountStore>().ExistsAsync("ann@two.test/x", Ct));
    }

    [Theory]
    [InlineData("SHA-1", 20)]
    [InlineData("SHA-256", 32)]
    public async Task Keys_are_those_of_the_password_by_a_salt_of_their_own(string hash, int bytes)
    {
        await using var storage = new TestStorage();
        var accounts = storage.Get<IAccountAdministration>();
        await accounts.AddAsync(Ann, "pencil", Ct);
        await accounts.AddAsync("ben@one.test", "pencil", Ct);
        var keys = await storage.Get<ICredentialStore>().FindAsync(Ann, hash, Ct);
        var others = await storage.Get<ICredentialStore>().FindAsync("ben@one.test", hash, Ct);
        Assert.True(keys!.Iterations >= 10_000 && keys.Salt.Length >= 16);
        Assert.NotEqual(keys.Salt, others!.Salt);
        var (stored, server) = ScramKeyDerivation.Derive(hash, "pencil", keys.Salt, keys.Iterations);
        Assert.Equal(stored, keys.StoredKey);
        Assert.Equal(server, keys.ServerKey);
        Assert.Equal(bytes, stored.Length);

        Assert.True(await accounts.SetPasswordAsync(Ann, "crayon", Ct));
        var changed = await storage.Get<ICredentialStore>().FindAsync(Ann, hash, Ct);
        Assert.Equal(ScramKeyDerivation.Derive(hash, "crayon", changed!.Salt, changed.Iterations).StoredKey, changed.StoredKey);
        Assert.False(await accounts.SetPasswordAsync("nobody@one.test", "x", Ct));
        Assert.Null(await storage.Get<ICredentialStore>().FindAsync("nobody@one.test", hash, Ct));
        Assert.Null(await storage.Get<ICredentialStore>().FindAsync(Ann, "MD5", Ct));
    }

    [Theory]
    [InlineData("one.test", "x")]
    [InlineData("ann@one.test/x", "x")]
    [InlineData("ann@one.test", "")]
    public async Task What_names_no_account_or_is_no_password_is_refused(string account, string password)
    {
        await using var storage = new TestStorage();
        await Assert.ThrowsAsync<ArgumentException>(async () => await storage.Get<IAccountAdministration>().AddAsync(account, password, Ct));
        Assert.Empty(await storage.Get<IAccountAdministration>().ListAsync(null, Ct));
    }

    [Fact]
    public async Task With_an_account_goes_all_that_is_its_and_nothing_is_kept_for_one_that_is_gone()
    {
        await using var storage = new TestStorage();
        var accounts = storage.Get<IAccountAdministration>();
        for (var round = 0; round < 2; round++)
        {
            Assert.Empty(await storage.Get<IRosterStore>().ReadAsync(Ann, Ct));
            Assert.Empty(await storage.Get<IOfflineStore>().ReadAsync(Ann, 10, Ct));
            Assert.Null(await storage.Get<IPrivateStore>().ReadAsync(Ann, "d", Ct));
            await accounts.AddAsync(Ann, "x", Ct);
            Assert.True(await StoreTests.FillAsync(storage, Ann));
            await accounts.RemoveAsync(Ann, Ct);
            Assert.False(await StoreTests.FillAsync(storage, Ann)); // as of a handler that was still at work
        }
    }
}
