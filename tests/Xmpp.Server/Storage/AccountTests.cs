using Dapper;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>Accounts and their keys.</summary>
public abstract class AccountTests(StorageProvider provider)
{
    private static readonly Jid Ann = "ann@one.test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Accounts_are_added_listed_by_domain_and_removed()
    {
        await using var storage = new TestStorage(provider);
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
    [InlineData("SHA-512", 64)]
    public async Task Keys_are_those_of_the_password_by_a_salt_of_their_own(string hash, int bytes)
    {
        await using var storage = new TestStorage(provider);
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

    [Fact]
    public async Task Keys_know_the_last_change_of_their_account_and_so_do_tokens()
    {
        await using var storage = new TestStorage(provider);
        var (accounts, credentials, tokens) = (storage.Get<IAccountAdministration>(), storage.Get<ICredentialStore>(), storage.Get<ITokenStore>());
        foreach (var account in new[] { Ann, "ben@one.test" }) await accounts.AddAsync(account, "pencil", Ct);
        Assert.Equal(0, await ChangeAsync());
        await accounts.SetPasswordAsync(Ann, "crayon", Ct);
        var changed = await ChangeAsync();
        await accounts.SetPasswordAsync("ben@one.test", "crayon", Ct);
        Assert.Equal(changed, await ChangeAsync());
        Assert.True(changed > 0);
        await tokens.IssueAsync(Ann, "phone", "HT-SHA-256-NONE", Ct);
        Assert.Equal(changed, Assert.Single(await tokens.FindAsync(Ann, "phone", "HT-SHA-256-NONE", Ct)).Change);
        // Whoever has the name now is not who had it.
        await accounts.RemoveAsync(Ann, Ct);
        await accounts.AddAsync(Ann, "crayon", Ct);
        Assert.True(await ChangeAsync() > changed);

        async Task<long> ChangeAsync() => (await credentials.FindAsync(Ann, null, Ct))!.Change;
    }

    [Fact]
    public async Task An_account_older_than_a_hash_gets_its_keys_by_its_password_and_only_then_the_hash_is_common()
    {
        await using var storage = new TestStorage(provider);
        var credentials = storage.Get<ICredentialStore>();
        foreach (var name in new[] { "ann@one.test", "ben@one.test", "ann@two.test" }) await storage.Get<IAccountAdministration>().AddAsync(name, "pencil", Ct);
        await storage.Get<Database>().WriteAsync(c => c.Execute("DELETE FROM credentials WHERE hash = 'SHA-512' AND account = 'ann@one.test'"), Ct);
        Assert.Equal(["SHA-256", "SHA-1"], credentials.HashesOf("one.test").Select(h => h.Name));
        Assert.Equal(["SHA-512", "SHA-256", "SHA-1"], credentials.HashesOf("two.test").Select(h => h.Name));

        var strongest = (await credentials.FindAsync(Ann, null, Ct))!;
        Assert.Equal(32, strongest.StoredKey.Length);
        Assert.Equal(64, (await credentials.FindAsync("ben@one.test", null, Ct))!.StoredKey.Length);
        // A password that was changed meanwhile was proven by keys that count no more.
        Assert.Equal(0, await credentials.CompleteAsync(Ann, "pencil", strongest with { StoredKey = new byte[32] }, Ct));
        Assert.Null(await credentials.FindAsync(Ann, "SHA-512", Ct));
        Assert.Equal(1, await credentials.CompleteAsync(Ann, "pencil", strongest, Ct));
        var made = (await credentials.FindAsync(Ann, "SHA-512", Ct))!;
        Assert.Equal(ScramKeyDerivation.Derive("SHA-512", "pencil", made.Salt, made.Iterations).StoredKey, made.StoredKey);
        Assert.Equal(3, credentials.HashesOf("one.test").Count);
        Assert.Equal(0, await credentials.CompleteAsync(Ann, "pencil", strongest, Ct));
    }

    [Theory]
    [InlineData("one.test", "x")]
    [InlineData("ann@one.test/x", "x")]
    [InlineData("ann@one.test", "")]
    public async Task What_names_no_account_or_is_no_password_is_refused(string account, string password)
    {
        await using var storage = new TestStorage(provider);
        await Assert.ThrowsAsync<ArgumentException>(async () => await storage.Get<IAccountAdministration>().AddAsync(account, password, Ct));
        Assert.Empty(await storage.Get<IAccountAdministration>().ListAsync(null, Ct));
    }

    [Fact]
    public async Task With_an_account_goes_all_that_is_its_and_nothing_is_kept_for_one_that_is_gone()
    {
        await using var storage = new TestStorage(provider);
        var accounts = storage.Get<IAccountAdministration>();
        for (var round = 0; round < 2; round++)
        {
            Assert.Empty(await storage.Get<IRosterStore>().ReadAsync(Ann, Ct));
            Assert.Empty(await storage.Get<IOfflineStore>().ReadAsync(Ann, 10, ct: Ct));
            Assert.Null(await storage.Get<IPrivateStore>().ReadAsync(Ann, "d", Ct));
            await accounts.AddAsync(Ann, "x", Ct);
            Assert.True(await StoreTests.FillAsync(storage, Ann));
            await accounts.RemoveAsync(Ann, Ct);
            Assert.False(await StoreTests.FillAsync(storage, Ann)); // as of a handler that was still at work
        }
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteAccountTests() : AccountTests(StorageProvider.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlAccountTests() : AccountTests(StorageProvider.PostgreSql);
