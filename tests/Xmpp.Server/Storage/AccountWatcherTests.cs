using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>The running server notices what the command line does.</summary>
public sealed class AccountWatcherTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sessions_of_removed_accounts_and_changed_passwords_end()
    {
        await using var server = new TestStorage();
        await using var commandLine = new TestStorage(server.Directory);
        var accounts = commandLine.Get<IAccountAdministration>();
        foreach (var name in new[] { "ann@one.test", "ben@one.test", "cyd@one.test" }) await accounts.AddAsync(name, "x", Ct);
        await accounts.SetPasswordAsync("cyd@one.test", "before the server", Ct);

        var sessions = Substitute.For<ISessionControl>();
        var ended = new List<string>();
        sessions.EndSessions(default!, default!).ReturnsForAnyArgs(c =>
        {
            lock (ended) ended.Add($"{c.Arg<Jid>()} {c.ArgAt<string>(1)}");
            return 1;
        });
        var removed = new List<string>();
        var (observer, failing, observers) = (Substitute.For<IAccountObserver>(), Substitute.For<IAccountObserver>(), Substitute.For<IContributions<IAccountObserver>>());
        observer.WhenForAnyArgs(o => o.Removed(default!)).Do(c => removed.Add(c.Arg<Jid>().ToString()));
        failing.WhenForAnyArgs(o => o.Removed(default!)).Do(_ => throw new InvalidOperationException("a plugin's fault"));
        observers.Items.Returns([failing, observer]);
        var time = new FakeTimeProvider();
        using var watcher = new AccountWatcher(server.Get<Database>(), sessions, time, NullLogger<AccountWatcher>.Instance, observers);
        await watcher.StartAsync(Ct);
        await accounts.AddAsync("dan@one.test", "x", Ct);
        await accounts.RemoveAsync("ann@one.test", Ct);
        await TickUntilAsync(1);
        await accounts.SetPasswordAsync("ben@one.test", "y", Ct);
        await TickUntilAsync(2);
        await server.Get<IAccountAdministration>().RemoveAsync("dan@one.test", Ct); // by this process itself
        await TickUntilAsync(3);
        await watcher.StopAsync(Ct);
        Assert.Equal(["ann@one.test", "dan@one.test"], removed); // who has a new password is still there
        Assert.Equal(["ann@one.test not-authorized", "ben@one.test not-authorized", "dan@one.test not-authorized"], ended);

        async Task TickUntilAsync(int count)
        {
            for (var i = 0; i < 200; i++)
            {
                time.Advance(AccountWatcher.Interval);
                await Task.Delay(10, Ct);
                lock (ended)
                {
                    if (ended.Count >= count) return;
                }
            }
        }
    }
}
