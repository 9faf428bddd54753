using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Ends the sessions of accounts that were removed or whose password was changed, whichever process did it, and tells plugins of removed ones.</summary>
internal sealed class AccountWatcher(Database database, ISessionControl sessions, TimeProvider time, ILogger<AccountWatcher> log, IContributions<IAccountObserver>? observers = null) : BackgroundService
{
    /// <summary>How often the database is asked whether anything was written: one read of shared memory.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private SqliteConnection? _connection;
    private long _version;
    private long _seen;

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _connection = database.Open();
        _version = ReadVersion(_connection);
        // Before the first session: whatever changed until now concerns nobody who is here.
        _seen = _connection.ExecuteScalar<long>("SELECT COALESCE(MAX(id), 0) FROM account_changes");
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _connection?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) Look(_connection!);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private void Look(SqliteConnection connection)
    {
        try
        {
            var version = ReadVersion(connection);
            if (version == _version) return;
            var changes = connection.Query<(long Id, string Account)>("SELECT id, account FROM account_changes WHERE id > @seen ORDER BY id", new { seen = _seen });
            foreach (var (id, account) in changes)
            {
                var jid = Jid.Parse(account);
                sessions.EndSessions(jid, "not-authorized");
                _seen = id;
                if (!connection.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM accounts WHERE account = @account)", new { account })) Tell(jid);
            }

            _version = version;
        }
        catch (SqliteException e)
        {
            log.LogWarning(e, "Looking for changed accounts failed; it is tried again");
        }
    }

    private void Tell(Jid account)
    {
        foreach (var observer in observers?.Items ?? [])
        {
            try
            {
                observer.Removed(account);
            }
#pragma warning disable CA1031 // A plugin's fault must not keep the others from hearing of it.
            catch (Exception e)
            {
                log.LogError(e, "{Observer} failed at a removed account", observer.GetType().FullName);
            }
#pragma warning restore CA1031
        }
    }

    private static long ReadVersion(SqliteConnection connection) => connection.ExecuteScalar<long>("PRAGMA data_version");
}
