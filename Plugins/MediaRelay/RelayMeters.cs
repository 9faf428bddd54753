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
        meter.CreateObservableGauge("parley.relay.mixing", () => Mixing(m => m.Conferences), "{conference}", "Conferences whose audio is mixed.");
        meter.CreateObservableGauge("parley.relay.mixing.voices", () => Mixing(m => m.Voices), "{voice}", "Voices that are decoded.");
        meter.CreateObservableGauge("parley.relay.mixing.listeners", () => Mixing(m => m.Listeners), "{listener}", "Slots that are given mixed or translated audio.");
        meter.CreateObservableGauge("parley.relay.pictures.conferences", () => Pictures(p => [new(p.Conferences)]), "{conference}", "Conferences for which pictures are made.");
        meter.CreateObservableGauge("parley.relay.pictures.encoders", () => Pictures(p => [.. p.Composing.Select(e => Encoders(e, "composed")), .. p.Transcoding.Select(e => Encoders(e, "transcoded"))]), "{encoder}", "Encoders of pictures, by codec and kind.");
        meter.CreateObservableCounter("parley.relay.pictures.made", () => Pictures(p => [new(p.Composed, Kind("composed")), new(p.Transcoded, Kind("transcoded"))]), "{picture}", "Pictures composed and transcoded.");
        meter.CreateObservableCounter("parley.relay.pictures.dropped", () => Pictures(p => p.Dropped.Select(d => new Measurement<long>(d.Value, new KeyValuePair<string, object?>("reason", d.Key)))), "{picture}", "Pictures lost, by reason.");
        meter.CreateObservableCounter("parley.relay.pictures.cpu", ReadCpu, "s", "Processor time used to compose and transcode.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<long>> Read(Func<RelayLoad, long> figure) => host.Running is { } service ? [new(figure(service.ReadLoad()))] : [];

    private IEnumerable<Measurement<long>> Mixing(Func<MixLoad, long> figure) => host.Running?.ReadLoad().Mixing is { } mix ? [new(figure(mix))] : [];

    private IEnumerable<Measurement<long>> Pictures(Func<PictureLoad, IEnumerable<Measurement<long>>> figures) => host.Running?.ReadLoad().Pictures is { } pictures ? figures(pictures) : [];

    private IEnumerable<Measurement<double>> ReadCpu() => host.Running?.ReadLoad().Pictures is { } pictures ? [new(pictures.CpuSeconds)] : [];

    private static Measurement<long> Encoders(KeyValuePair<string, int> codec, string kind) => new(codec.Value, new KeyValuePair<string, object?>("codec", codec.Key), Kind(kind));

    private static KeyValuePair<string, object?> Kind(string name) => new("kind", name);

    private IEnumerable<Measurement<long>> ReadDropped() =>
        host.Running is { } service ? service.ReadLoad().Dropped.Select(d => new Measurement<long>(d.Value, new KeyValuePair<string, object?>("reason", d.Key))) : [];
}
