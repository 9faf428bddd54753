using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Rooms;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>Keeps recordings: repairs at the start what a crash cut off, writes indices every two seconds, ends those that would fill the storage, deletes the old.</summary>
public sealed class RecordingKeeper(RecordingBook book, RecordingArea area, FocusServices services) : BackgroundService
{
    private const int SweepEvery = 30; // rounds
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RelayPatience = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        book.Save(isLast: true);
    }

    /// <summary>Deletes recordings that ended longer ago than they are kept, and what a repair found nothing in.</summary>
    public void Sweep()
    {
        var options = book.Options;
        var live = book.Live.Select(l => l.Spec.Directory).ToHashSet();
        foreach (var directory in area.Directories(options).Where(d => !live.Contains(d)))
        {
            var ended = RecordingArea.Read(directory)?.End ?? new DateTimeOffset(Directory.GetLastWriteTimeUtc(directory), TimeSpan.Zero);
            if (services.Clock.GetUtcNow() - ended < options.Retention) continue;
            try
            {
                Directory.Delete(directory, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The others are deleted all the same: that is promised to people.
                services.Logger.LogError(e, "Recording {Recording} is to be deleted and cannot be", Path.GetFileName(directory));
                continue;
            }

            services.Logger.LogInformation("Recording {Recording} is deleted: it was kept as long as Plugins:FocusAgent:Recording:Retention says", Path.GetFileName(directory));
        }
    }

    /// <summary>Finishes what was cut off.</summary>
    /// <param name="relay">Has the files.</param>
    /// <param name="ct">Gives up.</param>
    public async Task RepairAsync(IMediaRelay relay, CancellationToken ct)
    {
        foreach (var directory in area.Directories(book.Options))
        {
            // One that failed could not be finished for the same reason, most likely; what is whole already is left as it is.
            if (RecordingArea.Read(directory) is not { } index || (index.End is not null && index.EndedBy != LiveRecording.Failed) || book.Live.Any(l => l.Spec.Directory == directory)) continue;
            try
            {
                var files = await relay.RepairRecordingAsync(directory, ct);
                RecordingArea.Write(directory, Mend(index, files));
                if (index.End is null) services.Logger.LogWarning("Recording {Recording} was cut off when the server ended; it is repaired, {Files} files can be played", index.Id, files.Count);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                services.Logger.LogError(e, "Recording {Recording} was cut off and could not be repaired", index.Id);
            }
        }
    }

    // A file that was begun after the last index is there too, though nobody knows whose it is.
    internal static RecordingIndex Mend(RecordingIndex index, IReadOnlyDictionary<string, (long Bytes, TimeSpan Duration)> found)
    {
        var known = index.Files.Where(f => found.ContainsKey(f.Name)).Select(f => f with { Bytes = found[f.Name].Bytes, Duration = found[f.Name].Duration > TimeSpan.Zero ? Math.Round(found[f.Name].Duration.TotalSeconds, 3) : f.Duration });
        var others = found.Where(f => index.Files.All(k => k.Name != f.Key)).Select(f => new IndexedFile(f.Key, null, 0, Math.Round(f.Value.Duration.TotalSeconds, 3), f.Value.Bytes, [], 0, []));
        List<IndexedFile> files = [.. known, .. others];
        var lasts = files.Count > 0 ? files.Max(f => f.Begin + f.Duration) : 0;
        return index with
        {
            End = index.End ?? index.Start.AddSeconds(lasts),
            EndedBy = index.EndedBy ?? "interrupted",
            Files = files,
            Speakers = [.. index.Speakers.Select(t => t.To is null ? t with { To = Math.Max(t.From, lasts) } : t)],
        };
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await RepairAllAsync(stoppingToken);
        using var timer = new PeriodicTimer(Period, services.Clock);
        for (var round = 0; ; round++)
        {
            try
            {
                book.Save();
                if (round % SweepEvery == 0) Sweep();
                EndBeyondLimit();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                services.Logger.LogError(e, "Recordings could not be looked after; it is tried again");
            }

            if (!await timer.WaitForNextTickAsync(stoppingToken)) return;
        }
    }

    /// <summary>Ends recordings that together take too much: each knows its own bound, here all of them meet theirs.</summary>
    public void EndBeyondLimit()
    {
        var live = book.Live.Where(l => l.EndedBy is null).ToList();
        if (live.Count < 2 || area.Use(book.Options) <= book.Options.StorageLimit) return;
        services.Logger.LogWarning("Recordings end: together they take Plugins:FocusAgent:Recording:StorageLimit");
        foreach (var one in live)
        {
            one.Stop(services.Clock.GetUtcNow(), RecordingEnd.StorageFull);
            one.Tell(); // a room in which nothing happens would go on
        }
    }

    private async Task RepairAllAsync(CancellationToken ct)
    {
        if (!book.Options.Enabled || area.Directories(book.Options).Count == 0) return;
        for (var end = services.Clock.GetUtcNow() + RelayPatience; services.Clock.GetUtcNow() < end;)
        {
            try
            {
                if (services.Relay is { } relay)
                {
                    await RepairAsync(relay, ct);
                    return;
                }
            }
            catch (MediaRelayException)
            {
                // It has not started yet.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                services.Logger.LogError(e, "Recordings that were cut off could not be repaired");
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), services.Clock, ct);
        }
    }
}
