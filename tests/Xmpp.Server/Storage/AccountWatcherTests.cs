using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>The running server notices what the command line does.</summary>
public abstract class AccountWatcherTests(StorageProvider provider)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sessions_of_removed_accounts_and_changed_passwords_end()
    {
        await using var server = new TestStorage(provider);
        await using var commandLine = new TestStorage(server.ServerSettings);
        var accounts = commandLine.Get<IAccountAdministration>();
        foreach (var name in new[] { "ann@one.test", "ben@one.test", "cyd@one.test" }) await accounts.AddAsync(name, "x", Ct);
        await accounts.SetPasswordAsync("cyd@one.test", "before the server", Ct);

        var sessions = Substitute.For<ISessionControl>();
        var (ended, changes) = (new List<string>(), new List<long>());
        sessions.EndSessions(default!, default!).ReturnsForAnyArgs(c =>
        {
            lock (ended)
            {
                ended.Add($"{c.Arg<Jid>()} {c.ArgAt<string>(1)}");
                changes.Add(c.ArgAt<long>(2));
            }

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
        // Who has logged in by the new password meanwhile stays.
        Assert.Equal((await server.Get<ICredentialStore>().FindAsync("ben@one.test", null, Ct))!.Change, changes[1]);
        await server.Get<IAccountAdministration>().RemoveAsync("dan@one.test", Ct); // by this process itself
        await TickUntilAsync(3);
        // Who has the name from now on is somebody else.
        await accounts.RemoveAsync("cyd@one.test", Ct);
        await accounts.AddAsync("cyd@one.test", "x", Ct);
        await TickUntilAsync(4);
        await watcher.StopAsync(Ct);
        Assert.Equal(["ann@one.test", "dan@one.test", "cyd@one.test"], removed); // who has a new password is still there
        Assert.Equal(["ann@one.test not-authorized", "ben@one.test not-authorized", "dan@one.test not-authorized", "cyd@one.test not-authorized"], ended);

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

    [Fact]
    public async Task Of_many_changes_at_once_none_is_missed_though_there_was_none_before()
    {
        await using var server = new TestStorage(provider);
        var ended = new HashSet<string>();
        var sessions = Substitute.For<ISessionControl>();
        sessions.EndSessions(default!, default!).ReturnsForAnyArgs(c =>
        {
            lock (ended) ended.Add(c.Arg<Jid>().ToString());
            return 1;
        });
        var time = new FakeTimeProvider();
        using var watcher = new AccountWatcher(server.Get<Database>(), sessions, time, NullLogger<AccountWatcher>.Instance);
        await watcher.StartAsync(Ct);
        await server.Get<Database>().WriteAsync(c =>
        {
            for (var i = 0; i < 250; i++) c.Execute("INSERT INTO account_changes (account) VALUES (@name)", new { name = $"u{i}@one.test" });
            return 0;
        }, Ct);

        for (var i = 0; i < 200; i++)
        {
            time.Advance(AccountWatcher.Interval);
            await Task.Delay(10, Ct);
            lock (ended)
            {
                if (ended.Contains("u249@one.test")) break;
            }
        }

        await watcher.StopAsync(Ct);
        Assert.Equal(250, ended.Count);
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteAccountWatcherTests() : AccountWatcherTests(StorageProvider.Sqlite);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgreSqlAccountWatcherTests() : AccountWatcherTests(StorageProvider.PostgreSql);
