using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Ends the sessions of accounts that were removed or whose password was changed, whichever process did it, but those that logged in by the new one; and tells plugins of removed ones.</summary>
internal sealed class AccountWatcher(Database database, ISessionControl sessions, TimeProvider time, ILogger<AccountWatcher> log, IContributions<IAccountObserver>? observers = null) : BackgroundService
{
    /// <summary>How often the database is asked for changes: a read of an index.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A process may commit a change after another that took its number later.
    private const int Overlap = 100;

    private readonly SortedSet<long> _seen = [];
    private bool _isStarted;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first session: whatever changed until now concerns nobody who is here.
        foreach (var (id, _, _) in await ReadAsync(cancellationToken)) _seen.Add(id);
        _isStarted = true;
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await LookAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async ValueTask LookAsync(CancellationToken ct)
    {
        try
        {
            foreach (var (id, account, isRemoval) in await ReadAsync(ct))
            {
                if (_seen.Contains(id)) continue;
                var jid = Jid.Parse(account);
                sessions.EndSessions(jid, "not-authorized", id);
                if (isRemoval) Tell(jid);
                _seen.Add(id);
            }

            while (_seen.Count > 0 && _seen.Min < _seen.Max - Overlap) _seen.Remove(_seen.Min);
        }
        catch (DbException e)
        {
            log.LogWarning(e, "Looking for changed accounts failed; it is tried again");
        }
    }

    // At the start the newest ones, later those (all, if there were none at the start) that are new or may have been overtaken.
    private ValueTask<IReadOnlyList<(long Id, string Account, bool IsRemoval)>> ReadAsync(CancellationToken ct)
    {
        var after = _seen.Count > 0 ? _seen.Max - Overlap : _isStarted ? 0 : (long?)null;
        return database.ReadAsync<IReadOnlyList<(long, string, bool)>>(c =>
            [.. c.Query<(long Id, string Account, long IsRemoval)>("SELECT id, account, CAST(is_removal AS BIGINT) FROM account_changes WHERE id > COALESCE(@after, (SELECT MAX(id) FROM account_changes) - @overlap) ORDER BY id", new { after, overlap = Overlap })
                .Select(r => (r.Id, r.Account, r.IsRemoval != 0))], ct);
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
}
