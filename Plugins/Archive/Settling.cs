using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Parley.Plugins.Archive;

/// <summary>Empties the archive's log in the background: when it is full, and otherwise soon.</summary>
internal sealed class Settling(ArchiveStore archive, ILogger<Settling> log) : BackgroundService
{
    /// <summary>For how long entries stay in a log that does not fill.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await archive.SettleAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // They are where they can be read; the next round tries again.
                    log.LogError(e, "New messages could not be moved to their places in the archive");
                }

                await archive.WaitForLogAsync(Interval, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }
}
