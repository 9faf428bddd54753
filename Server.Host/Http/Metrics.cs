using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
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
        app.MapPrometheusScrapingEndpoint(HttpPaths.Metrics);
    }
}
