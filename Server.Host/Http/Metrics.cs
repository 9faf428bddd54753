using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Parley.Xmpp.Server.Federation;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Server.Host.Http;

/// <summary>
/// The meters of this process as Prometheus reads them, at <c>/metrics</c>: the server's own, every plugin's whose name begins with <c>Parley.</c>, Kestrel's and the
/// runtime's. <see cref="HttpRules"/> says who may read them.
/// </summary>
internal static class Metrics
{
    private static readonly string[] Meters = ["Parley.*", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    public static void Add(IServiceCollection services)
    {
        services.AddMetrics();
        services.AddOpenTelemetry().WithMetrics(m => m.AddMeter(Meters).AddPrometheusExporter());
    }

    public static void Map(WebApplication app)
    {
        var sessions = app.Services.GetRequiredService<ISessionControl>();
        var meter = app.Services.GetRequiredService<IMeterFactory>().Create("Parley.Server");
        meter.CreateObservableGauge("parley.streams", () => sessions.Streams, "{stream}", "Client streams of every state.");
        meter.CreateObservableGauge(
            "parley.sessions",
            () => sessions.SessionsByDomain.Select(d => new Measurement<int>(d.Value, new KeyValuePair<string, object?>("domain", d.Key))),
            "{session}",
            "Bound sessions.");
        meter.CreateObservableGauge("parley.sessions.detached", () => sessions.Detached, "{session}", "Sessions that wait for their clients to come back.");
        meter.CreateObservableGauge("parley.unacknowledged", () => sessions.Unacknowledged, "{message}", "Messages on the disk that clients have not acknowledged.");
        var federation = app.Services.GetRequiredService<FederationStatus>();
        meter.CreateObservableGauge("parley.federation.incoming", () => federation.Incoming, "{stream}", "Streams by which other servers send.");
        meter.CreateObservableGauge("parley.federation.outgoing", () => federation.Outgoing, "{stream}", "Streams by which this server sends to others.");
        meter.CreateObservableGauge("parley.federation.waiting", () => federation.Waiting, "{stanza}", "Stanzas that wait for other servers or for their acknowledgement.");
        meter.CreateObservableCounter("parley.federation.returned", () => federation.Returned, "{stanza}", "Stanzas that other servers could not be given.");
        app.MapPrometheusScrapingEndpoint(HttpPaths.Metrics);
    }
}
