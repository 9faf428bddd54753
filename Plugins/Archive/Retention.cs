using System.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Archive;

/// <summary>
/// Removes in the background what is older than <see cref="ArchiveOptions.Retention"/>, what owners left that are gone, and origins that count no more: owner by owner, a bounded
/// number of rows in a write, so that messages are never kept waiting for long.
/// </summary>
internal sealed class Retention(IPluginDatabase database, IOptionsMonitor<ArchiveOptions> options, TimeProvider time, ILogger<Retention> log) : BackgroundService
{
    /// <summary>Rows of one write.</summary>
    internal const int BatchSize = 500;

    /// <summary>How often.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private long _removed;

    /// <summary>Entries removed since the start.</summary>
    public long Removed => Volatile.Read(ref _removed);

    /// <summary>Removes what is due now.</summary>
    public async Task PurgeAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var kept = options.CurrentValue.Retention is { } retention ? EntryNumber.First((now - retention).ToUnixTimeMilliseconds()) : 0;
        var counting = EntryNumber.First(now.ToUnixTimeMilliseconds() - ArchiveWriter.OriginTime);
        Interlocked.Add(ref _removed, await PurgeAsync("archive_entries", "id", "id", kept, ct));
        await PurgeAsync("archive_origins", "origin", "entry", counting, ct);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                try
                {
                    await PurgeAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    log.LogError(e, "Old messages could not be removed from the archive");
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async ValueTask<long> PurgeAsync(string table, string key, string number, long before, CancellationToken ct)
    {
        long all = 0, last = 0;
        while (await NextAsync(table, last, ct) is { } owner)
        {
            all += await RemoveAsync(table, key, number, owner, await IsThereAsync(owner, ct) ? before : long.MaxValue, ct);
            last = owner;
        }

        return all;
    }

    // From owner to owner by the index: never through what one has.
    private ValueTask<long?> NextAsync(string table, long after, CancellationToken ct) => database.ReadAsync(c =>
    {
        using var next = new Statement(c, $"SELECT MIN(owner) FROM {table} WHERE owner > @after", ("@after", DbType.Int64));
        return next.Number(after);
    }, ct);

    private ValueTask<bool> IsThereAsync(long owner, CancellationToken ct) => database.ReadAsync(c =>
    {
        using var find = new Statement(c, "SELECT id FROM archive_owners WHERE id = @owner", ("@owner", DbType.Int64));
        return find.Number(owner) is not null;
    }, ct);

    private async ValueTask<long> RemoveAsync(string table, string key, string number, long owner, long before, CancellationToken ct)
    {
        long all = 0;
        for (var more = before > 0; more;)
        {
            var removed = await database.WriteAsync(c =>
            {
                using var delete = new Statement(c,
                    $"DELETE FROM {table} WHERE owner = @owner AND {key} IN (SELECT {key} FROM {table} WHERE owner = @owner AND {number} < @before LIMIT {BatchSize})",
                    ("@owner", DbType.Int64), ("@before", DbType.Int64));
                return delete.Execute(owner, before);
            }, ct);
            all += removed;
            more = removed == BatchSize;
        }

        return all;
    }
}
