using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>Tokens in place of passwords (XEP-0484), where they are kept.</summary>
public abstract class TokenStoreTests(StorageProvider provider)
{
    private const string Unbound = "HT-SHA-256-NONE";

    private static readonly Jid Ann = "ann@one.test";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_has_a_token_that_it_uses_and_one_that_it_was_given_and_both_go_with_password_and_account()
    {
        await using var storage = new TestStorage(provider);
        var (accounts, tokens) = (storage.Get<IAccountAdministration>(), storage.Get<ITokenStore>());
        await accounts.AddAsync(Ann, "secret", Ct);
        var first = await tokens.IssueAsync(Ann, "phone", Unbound, Ct);
        Assert.Equal([first.Token], await FindAsync("phone"));
        Assert.Empty(await FindAsync("laptop"));
        Assert.Empty(await tokens.FindAsync(Ann, "phone", "HT-SHA-256-ENDP", Ct));
        await tokens.UsedAsync(Ann, "phone", first, Ct);

        await Task.Delay(5, Ct); // tokens are told apart by their milliseconds
        var second = await tokens.IssueAsync(Ann, "phone", Unbound, Ct);
        Assert.Equal([second.Token, first.Token], await FindAsync("phone"));
        await tokens.UsedAsync(Ann, "phone", second, Ct);
        Assert.Equal([second.Token], await FindAsync("phone"));
        await tokens.RevokeAsync(Ann, "phone", second, Ct);
        Assert.Empty(await FindAsync("phone"));

        await tokens.IssueAsync(Ann, "phone", Unbound, Ct);
        await accounts.SetPasswordAsync(Ann, "other", Ct);
        Assert.Empty(await FindAsync("phone"));
        await tokens.IssueAsync(Ann, "phone", Unbound, Ct);
        await accounts.RemoveAsync(Ann, Ct);
        await accounts.AddAsync(Ann, "anew", Ct);
        Assert.Empty(await FindAsync("phone"));

        async Task<string[]> FindAsync(string client) => [.. (await tokens.FindAsync(Ann, client, Unbound, Ct)).Select(t => t.Token)];
    }

    [Fact]
    public async Task So_many_clients_have_tokens_and_no_more()
    {
        await using var storage = new TestStorage(provider);
        await storage.Get<IAccountAdministration>().AddAsync(Ann, "secret", Ct);
        var tokens = storage.Get<ITokenStore>();
        for (var i = 0; i < TokenStore.ClientsPerAccount + 5; i++) await tokens.IssueAsync(Ann, $"client{i}", Unbound, Ct);
        var kept = 0;
        for (var i = 0; i < TokenStore.ClientsPerAccount + 5; i++) kept += (await tokens.FindAsync(Ann, $"client{i}", Unbound, Ct)).Count;
        Assert.Equal(TokenStore.ClientsPerAccount, kept);
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteTokenStoreTests() : TokenStoreTests(StorageProvider.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlTokenStoreTests() : TokenStoreTests(StorageProvider.PostgreSql);
