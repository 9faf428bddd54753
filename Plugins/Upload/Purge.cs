using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Parley.Plugins.Upload;

/// <summary>Does away, once a minute, with what is over: expired slots and files in bounded batches, and file by file what the database knows nothing of (its account was removed, or the server ended in between).</summary>
internal sealed class Purge(UploadStore store, FileArea area, UploadUse use, TimeProvider time, ILogger<Purge> log) : BackgroundService
{
    private const int Batch = 200, BatchesAtOnce = 50;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    // What is younger may be about to be known.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(3);
    private int _part;

    /// <summary>Does one round.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        for (var i = 0; i < BatchesAtOnce; i++)
        {
            var keys = await store.ExpiredAsync(now.ToUnixTimeMilliseconds(), Batch, ct);
            // The file first: a row without one is tried again, a file without a row is found only later.
            foreach (var key in keys) area.Delete(key);
            await store.RemoveAsync(keys, now.ToUnixTimeMilliseconds(), ct);
            if (keys.Count < Batch) break;
        }

        area.DeleteAbandoned(now - Grace);
        await SweepAsync(_part, now - Grace, ct);
        _part = (_part + 1) % 256;
        var (files, bytes) = await store.CountAsync(ct);
        use.Counted(files, bytes);
    }

    /// <summary>Deletes the files in one of 256 directories that the database knows nothing of.</summary>
    public async Task SweepAsync(int part, DateTimeOffset before, CancellationToken ct)
    {
        foreach (var keys in area.KeysIn(part, before).Chunk(Batch))
        {
            var known = await store.KnownAsync(keys, ct);
            foreach (var key in keys.Where(k => !known.Contains(k))) area.Delete(key);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogError(e, "Doing away with expired uploads failed; it is tried again");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
