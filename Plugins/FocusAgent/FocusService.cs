using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Rooms;

namespace Parley.Plugins.FocusAgent;

/// <summary>Listens to the relay while the plugin runs, whenever there is one, and ends every conference with <c>gone</c> when the plugin stops.</summary>
public sealed class FocusService(RoomRegistry rooms, RecordingBook recordings, FocusServices services) : IHostedService, IDisposable
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
        await recordings.SettleAsync(cancellationToken);
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
                await FollowAsync(ct);
                await Task.Delay(LookAgain, services.Clock, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    // Follows one relay until it ends its events or is no longer the one on offer: a plugin that was unloaded must be let go.
    private async Task FollowAsync(CancellationToken ct)
    {
        if (services.Relay is not { } relay) return;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var dispatching = DispatchAsync(relay, over.Token);
        while (!dispatching.IsCompleted && ReferenceEquals(services.Relay, relay))
        {
            await Task.WhenAny(dispatching, Task.Delay(LookAgain, services.Clock, ct));
            ct.ThrowIfCancellationRequested();
        }

        await over.CancelAsync();
        await dispatching;
        // Without events nobody would notice who vanishes: the calls end, and pages call again.
        foreach (var room in rooms.Rooms) await room.PostAsync(room.OnRelayGone, ct);
    }

    private async Task DispatchAsync(IMediaRelay relay, CancellationToken ct)
    {
        try
        {
            await foreach (var happened in relay.WatchAsync(ct))
            {
                recordings.Take(happened);
                if (happened is not RecordingChanged { EndedBy: null }) await rooms.DispatchAsync(happened, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Followed long enough.
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "The media relay's events ended in an error.");
        }
    }
}
