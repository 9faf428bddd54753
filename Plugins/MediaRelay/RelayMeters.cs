using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Parley.Media.Control;

namespace Parley.Plugins.MediaRelay;

/// <summary>The relay's load as meters, read when somebody asks.</summary>
public sealed class RelayMeters(RelayHost host, IMeterFactory meters) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.Create("Parley.MediaRelay");
        meter.CreateObservableGauge("parley.relay.conferences", () => Read(l => l.Conferences), "{conference}", "Conferences on the relay.");
        meter.CreateObservableGauge("parley.relay.endpoints", () => Read(l => l.Endpoints), "{endpoint}", "Participants' endpoints on the relay.");
        meter.CreateObservableCounter("parley.relay.packets_received", () => Read(l => l.PacketsIn), "{packet}", "Media packets received.");
        meter.CreateObservableCounter("parley.relay.packets_sent", () => Read(l => l.PacketsOut), "{packet}", "Media packets sent.");
        meter.CreateObservableCounter("parley.relay.packets_dropped", ReadDropped, "{packet}", "Datagrams dropped on media ports, by reason.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<long>> Read(Func<RelayLoad, long> figure) => host.Running is { } service ? [new(figure(service.ReadLoad()))] : [];

    private IEnumerable<Measurement<long>> ReadDropped() =>
        host.Running is { } service ? service.ReadLoad().Dropped.Select(d => new Measurement<long>(d.Value, new KeyValuePair<string, object?>("reason", d.Key))) : [];
}
