using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Parley.Doctor.Network;

namespace Parley.Doctor.Steps;

/// <summary>How web clients find the server: host-meta (XEP-0156, RFC 6415) and the WebSocket that it names (RFC 7395).</summary>
internal sealed class WebStep() : Step("web")
{
    private const string Relation = "urn:xmpp:alt-connections:websocket";
    private const string HostMeta = "/.well-known/host-meta.json";
    private const int Standard = 443;

    /// <inheritdoc/>
    protected override TimeSpan Limit => TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart.Https is not null;

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        using var web = new Web(chart.Patient.Domain, chart.Https!);
        Uri? socket;
        try
        {
            socket = await FindAsync(web, findings, ct);
        }
        catch (ReachException e)
        {
            findings.Warn(Causes.HostMetaMissing, $"{HostMeta} cannot be read at port {chart.Https!.Port} ({e.Message})");
            return;
        }

        if (socket is null) return;
        if (await TryOpenAsync(web, socket, chart.Patient.Domain, ct) is { } fault) findings.Fail(Causes.WebSocketFailed, $"the call page's WebSocket {socket} does not open ({fault})", "let whatever stands before the server pass WebSockets on (Upgrade and Host headers)");
        else findings.Ok($"web clients find {socket}, and it opens");
        if (chart.Https!.Port != Standard && chart.Patient.IsPublicDomain)
        {
            findings.Warn(Causes.HostMetaMissing, $"web clients of others look for host-meta at port {Standard}, and HTTPS is at {chart.Https.Port}; the call page of this server works all the same", "set Listeners:Https:Port to 443, or forward it");
        }
    }

    private static async Task<Uri?> FindAsync(Web web, Findings findings, CancellationToken ct)
    {
        var (status, body, _) = await web.GetAsync(HostMeta, ct);
        if (status == HttpStatusCode.OK && Link(body) is { } link) return link;
        findings.Warn(Causes.HostMetaMissing, $"{HostMeta} names no WebSocket ({(int)status}): web clients of others do not find the server", "let whatever stands before the server pass /.well-known/host-meta.json on");
        return null;
    }

    private static Uri? Link(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            foreach (var link in json.RootElement.GetProperty("links").EnumerateArray())
            {
                if (link.TryGetProperty("rel", out var rel) && rel.GetString() == Relation && Uri.TryCreate(link.GetProperty("href").GetString(), UriKind.Absolute, out var uri) && uri.Scheme is "ws" or "wss") return uri;
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Then it names none.
        }

        return null;
    }

    private static async Task<string?> TryOpenAsync(Web web, Uri uri, string domain, CancellationToken ct)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        try
        {
            await socket.ConnectAsync(uri, web.Invoker, ct);
            await socket.SendAsync(Encoding.UTF8.GetBytes($"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{domain}' version='1.0'/>"), WebSocketMessageType.Text, true, ct);
            var buffer = new byte[4096];
            var heard = await socket.ReceiveAsync(buffer, ct);
            return Encoding.UTF8.GetString(buffer, 0, heard.Count).StartsWith("<open ", StringComparison.Ordinal) ? null : "what answers speaks no XMPP";
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException)
        {
            return (e.InnerException ?? e).Message;
        }
    }
}
