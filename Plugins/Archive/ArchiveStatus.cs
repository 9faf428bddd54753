using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Archive;

/// <summary>What <c>./parley status</c> shows of the archive.</summary>
internal sealed class ArchiveStatus(ArchiveStore archive, Retractions retractions, Retention retention) : IStatusSource
{
    /// <inheritdoc/>
    public string Name => "archive";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read()
    {
        var (added, duplicates, queries) = archive.Figures;
        return new Dictionary<string, object?> { ["stored"] = added, ["sentAgain"] = duplicates, ["queries"] = queries, ["retracted"] = retractions.Count, ["removed"] = retention.Removed };
    }
}

/// <summary>The same as meters.</summary>
internal sealed class ArchiveMeters(ArchiveStore archive, Retention retention, IMeterFactory meters) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.Create("Parley.Archive");
        meter.CreateObservableCounter("parley.archive.stored", () => archive.Figures.Added, "{message}", "Messages stored in archives, one for each archive.");
        meter.CreateObservableCounter("parley.archive.sent_again", () => archive.Figures.Duplicates, "{message}", "Messages that were sent again and were there already.");
        meter.CreateObservableCounter("parley.archive.queries", () => archive.Figures.Queries, "{query}", "Pages read from archives.");
        meter.CreateObservableCounter("parley.archive.removed", () => retention.Removed, "{message}", "Messages removed for their age, for what their owner may keep, or with their owner.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
