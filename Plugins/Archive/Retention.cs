using System.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Archive;

/// <summary>
/// Removes in the background what is older than <see cref="ArchiveOptions.Retention"/>, the oldest of what is beyond <see cref="ArchiveOptions.MaxMessages"/> and <see cref="ArchiveOptions.MaxBytes"/>,
/// what owners left that are gone, and origins that count no more: owner by owner, a bounded number of rows in a write, so that messages are never kept waiting for long.
/// </summary>
internal sealed class Retention(IPluginDatabase database, IOptionsMonitor<ArchiveOptions> options, TimeProvider time, ILogger<Retention> log) : BackgroundService
{
    /// <summary>Rows of one write.</summary>
    internal const int BatchSize = ArchiveUsage.BatchSize;

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
        await PurgeEntriesAsync(kept, ct);
        await PurgeOriginsAsync(counting, ct);
        await ForgetUsageAsync(ct);
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

    private async ValueTask PurgeEntriesAsync(long before, CancellationToken ct)
    {
        long last = 0;
        while (await NextAsync("archive_entries", last, ct) is { } owner)
        {
            last = owner;
            var isThere = await IsThereAsync(owner, ct);
            // Nearly always there is nothing to write, and then nothing that others' writes would wait for.
            if (await OldestAsync(owner, ct) < (isThere ? before : long.MaxValue)) await RemoveOldestAsync(owner, (id, _) => !isThere || id < before, ct);
            if (isThere) await LimitAsync(owner, options.CurrentValue, ct);
        }
    }

    private async ValueTask LimitAsync(long owner, ArchiveOptions limits, CancellationToken ct)
    {
        if (limits is { MaxMessages: null, MaxBytes: null }) return;
        var count = await database.ReadAsync(c => ArchiveUsage.Find(c, owner), ct);
        while (count.IsBehind && await database.WriteAsync(c => ArchiveUsage.Advance(c, owner), ct)) count = await database.ReadAsync(c => ArchiveUsage.Find(c, owner), ct);
        if (IsBeyond(count)) await RemoveOldestAsync(owner, (_, left) => IsBeyond(left), ct);

        bool IsBeyond(ArchiveUsage.Count count) => count.Messages > limits.MaxMessages || count.Bytes > limits.MaxBytes;
    }

    private async ValueTask RemoveOldestAsync(long owner, Func<long, ArchiveUsage.Count, bool> goes, CancellationToken ct)
    {
        int removed;
        do
        {
            removed = await database.WriteAsync(c => ArchiveUsage.RemoveOldest(c, owner, goes), ct);
            Interlocked.Add(ref _removed, removed);
        }
        while (removed == BatchSize);
    }

    // Of owners that are gone; and of all while there is no limit, so that nothing needs to be right that nobody asks for.
    private async ValueTask ForgetUsageAsync(CancellationToken ct)
    {
        var which = options.CurrentValue is { MaxMessages: null, MaxBytes: null } ? "" : " WHERE owner NOT IN (SELECT id FROM archive_owners)";
        var isAny = await database.ReadAsync(c =>
        {
            using var find = new Statement(c, $"SELECT MIN(owner) FROM archive_usage{which}");
            return find.Number() is not null;
        }, ct);
        if (!isAny) return;
        await database.WriteAsync(c =>
        {
            using var delete = new Statement(c, $"DELETE FROM archive_usage{which}");
            return delete.Execute();
        }, ct);
    }

    private async ValueTask PurgeOriginsAsync(long before, CancellationToken ct)
    {
        long last = 0;
        while (await NextAsync("archive_origins", last, ct) is { } owner)
        {
            await RemoveOriginsAsync(owner, await IsThereAsync(owner, ct) ? before : long.MaxValue, ct);
            last = owner;
        }
    }

    private ValueTask<long?> OldestAsync(long owner, CancellationToken ct) => database.ReadAsync(c =>
    {
        using var find = new Statement(c, "SELECT MIN(id) FROM archive_entries WHERE owner = @owner", ("@owner", DbType.Int64));
        return find.Number(owner);
    }, ct);

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

    private async ValueTask RemoveOriginsAsync(long owner, long before, CancellationToken ct)
    {
        for (var more = before > 0; more;)
        {
            var removed = await database.WriteAsync(c =>
            {
                using var delete = new Statement(c,
                    $"DELETE FROM archive_origins WHERE owner = @owner AND origin IN (SELECT origin FROM archive_origins WHERE owner = @owner AND entry < @before LIMIT {BatchSize})",
                    ("@owner", DbType.Int64), ("@before", DbType.Int64));
                return delete.Execute(owner, before);
            }, ct);
            more = removed == BatchSize;
        }
    }
}
