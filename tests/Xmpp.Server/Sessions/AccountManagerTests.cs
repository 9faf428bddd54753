using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.tests.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Sessions;

/// <summary>Accounts in the hands of plugins.</summary>
public sealed class AccountManagerTests
{
    [Theory]
    [InlineData("new@elsewhere.test", "secret")]
    [InlineData("one.test", "secret")]
    [InlineData("new@one.test/x", "secret")]
    [InlineData("new@one.test", "")]
    [InlineData("new@one.test", "a\u0007b")]
    public async Task Only_accounts_of_served_domains_with_passwords_that_work_are_made(string jid, string password)
    {
        await using var server = new TestServer();
        var accounts = Substitute.For<IAccountAdministration>();
        var manager = new AccountManager(accounts, server.Get<SessionRegistry>(), server.Get<XmppServerSettings>());

        await Assert.ThrowsAsync<ArgumentException>(async () => await manager.AddAsync(jid, password, TestContext.Current.CancellationToken));

        Assert.Empty(accounts.ReceivedCalls());
    }

    [Fact]
    public async Task Sessions_are_listed_by_domain_and_ended_one_by_one()
    {
        await using var server = new TestServer();
        var manager = server.Get<IAccountManager>();
        var ann = await server.BindAsync("ann@one.test/a");
        var other = await server.BindAsync("ann@one.test/b");
        await server.BindAsync("ben@two.test/b");
        await server.BindAsync("x@guest.one.test/b");

        Assert.Equal(["ann@one.test/a", "ann@one.test/b"], manager.Sessions("one.test").Select(s => s.Jid.ToString()).Order());
        Assert.True(manager.End(ann.Session.Id));
        Assert.False(manager.End("nobody"));
        Assert.Equal(("policy-violation", null), (ann.Stream.Closed, other.Stream.Closed));
        Assert.Equal(ClientAttention.Active, ann.Session.Attention);
    }
}
