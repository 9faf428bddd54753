using System.Net;
using Parley.Doctor.Network;

namespace Parley.Doctor.Steps;

/// <summary>Whether the TCP listeners can be reached.</summary>
internal sealed class PortsStep() : Step("ports")
{
    private const int StartTls = 5222, DirectTls = 5223, Web = 443, WebOfOurs = 5281;
    private const string HttpsKey = "Listeners:Https:Port";

    /// <inheritdoc/>
    protected override TimeSpan Limit => TimeSpan.FromSeconds(40);

    // Of one whose name leads nowhere all has been said.
    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart.Patient.Inside is not null || chart.Domain.Count > 0 || chart.Told.Count > 0;

    /// <inheritdoc/>
    protected override Task RunAsync(Chart chart, Findings findings, CancellationToken ct) =>
        chart.Patient.Inside is { } inside ? FromInsideAsync(chart, inside, findings, ct) : FromOutsideAsync(chart, findings, ct);

    private static async Task FromInsideAsync(Chart chart, InsideFacts inside, Findings findings, CancellationToken ct)
    {
        var isElsewhere = !inside.Advertised.Equals(inside.Here);
        var tried = await Task.WhenAll(inside.Listeners.Select(async l => (l.Key, l.Port,
            Here: await Reach.TryConnectAsync(inside.Here, l.Port, ct), There: isElsewhere ? await Reach.TryConnectAsync(inside.Advertised, l.Port, ct) : null)));
        foreach (var (key, port, here, _) in tried)
        {
            if (here is { } fault)
            {
                findings.Fail(Causes.PortClosed, $"{key}: nothing listens at {inside.Here} port {port} ({fault})", "start the server anew with ./parley run if the key was changed, and let this machine's own firewall pass the port");
                continue;
            }

            findings.Ok($"{key}: port {port} is open");
            if (key is "Listeners:C2S:Port" or "Listeners:C2STls:Port") chart.Ways.Add(new(inside.Here, port, key == "Listeners:C2STls:Port"));
            if (key == HttpsKey) chart.Https = new(inside.Here, port);
        }

        var unseen = tried.Where(t => t is { Here: null, There: not null }).Select(t => t.Port).ToList();
        if (unseen.Count > 0)
        {
            findings.Warn(Causes.NotSeenFromHere, $"at {inside.Advertised} the TCP ports {string.Join(' ', unseen)} are not to be reached from this machine; many routers lead nobody back in, so that says little",
                $"open them in the firewall and forward them, and try from outside: ./parley doctor --server {chart.Patient.Domain}");
        }
    }

    private static async Task FromOutsideAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        IEnumerable<ClientWay> ways = chart.Told.Count > 0 ? chart.Told : chart.Domain.SelectMany(a => new[] { new ClientWay(a, StartTls, false), new ClientWay(a, DirectTls, true) });
        var closed = new List<string>();
        foreach (var (way, why) in await Task.WhenAll(ways.Distinct().Select(async w => (w, await Reach.TryConnectAsync(w.Address, w.Port, ct)))))
        {
            if (why is { } fault) closed.Add($"{Addresses.Write(way.Address, way.Port)} ({fault})");
            else chart.Ways.Add(way);
        }

        var open = string.Join(", ", chart.Ways.Select(w => Addresses.Write(w.Address, w.Port)));
        if (chart.Ways.Count == 0) findings.Fail(Causes.PortClosed, $"no client gets in: {string.Join(", ", closed)}", "start the server, and open TCP 5222 and 5223 (Listeners:C2S:Port, Listeners:C2STls:Port) in the firewall");
        else if (closed.Count > 0) findings.Warn(Causes.PortClosed, $"open to clients: {open}; closed: {string.Join(", ", closed)}", "open the closed ports in the firewall, or take their DNS records away");
        else findings.Ok($"open to clients: {open}");

        foreach (var end in new[] { Web, WebOfOurs }.SelectMany(p => chart.Domain.Select(a => new IPEndPoint(a, p))))
        {
            if (chart.Https is not null || await Reach.TryConnectAsync(end.Address, end.Port, ct) is not null) continue;
            chart.Https = end;
            findings.Ok($"HTTPS is open at port {end.Port}");
        }

        if (chart.Https is null) findings.Warn(Causes.PortClosed, "HTTPS is not to be reached at port 443 or 5281: no call page, no web clients", "open the port of Listeners:Https:Port (TCP) in the firewall");
    }
}
