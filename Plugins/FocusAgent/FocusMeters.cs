using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Rooms;

namespace Parley.Plugins.FocusAgent;

/// <summary>Calls as meters, read when somebody asks.</summary>
public sealed class FocusMeters(RoomRegistry rooms, RecordingBook recordings, FocusServices services, IMeterFactory meters) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.Create("Parley.FocusAgent");
        meter.CreateObservableGauge("parley.calls.conferences", () => rooms.Rooms.Count(r => r.ParticipantCount > 0), "{conference}", "Conferences with somebody in them.");
        meter.CreateObservableGauge("parley.calls.participants", () => FocusStatus.Kinds(rooms.Rooms).Select(k => new Measurement<int>(k.Value, new KeyValuePair<string, object?>("kind", k.Key))), "{participant}", "Participants, by what they call with.");
        meter.CreateObservableGauge("parley.calls.waiting", () => rooms.Rooms.Sum(r => r.WaitingCount), "{caller}", "Callers who wait to be let in.");
        meter.CreateObservableCounter("parley.calls.removed", () => services.Figures.Removed, "{participant}", "People whom moderators or chat rooms put out.");
        meter.CreateObservableCounter("parley.calls.refused", () => services.Figures.Refused.Select(r => new Measurement<long>(r.Value, new KeyValuePair<string, object?>("reason", r.Key))), "{call}", "Calls that were not let in, by reason.");
        meter.CreateObservableGauge("parley.recordings.running", () => recordings.Live.Count(r => r.End is null), "{recording}", "Recordings that run.");
        meter.CreateObservableCounter("parley.recordings.bytes", () => recordings.Written, "By", "Bytes that recordings of this start have written.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
