using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Rooms;

namespace Parley.Plugins.FocusAgent;

/// <summary>Listens to the relay while the plugin runs, whenever there is one, and ends every conference with <c>gone</c> when the plugin stops.</summary>
public sealed class FocusService(RoomRegistry rooms, FocusServices services) : IHostedService, IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _watching = WatchAsync(_stop.Token);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await rooms.CloseAsync(cancellationToken);
        await _stop.CancelAsync();
        await _watching.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task WatchAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                if (services.Relay is { } relay) await FollowAsync(relay, ct);
                await Task.Delay(LookAgain, services.Clock, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task FollowAsync(IMediaRelay relay, CancellationToken ct)
    {
        try
        {
            await foreach (var happened in relay.WatchAsync(ct)) await rooms.DispatchAsync(happened, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            services.Logger.LogError(e, "The media relay's events ended in an error.");
        }

        if (ct.IsCancellationRequested) return;
        // Without events nobody would notice who vanishes: the calls end, and pages call again.
        foreach (var room in rooms.Rooms) await room.PostAsync(room.OnRelayGone, ct);
    }
}
