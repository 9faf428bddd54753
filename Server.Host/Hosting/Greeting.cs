using System.Globalization;
using Microsoft.Extensions.Configuration;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Http;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Hosting;

/// <summary>The first screen: where to click, how to add a user, what to open in a firewall.</summary>
internal static class Greeting
{
    public static string Write(XmppServerSettings settings, IServerInfo server, IConfiguration configuration)
    {
        var domain = settings.Domains[0];
        var lines = new List<string> { "", $"Parley {ServerStatus.Version} serves {string.Join(", ", settings.Domains)}{(settings.IsLoopbackOnly ? ", to this machine only" : "")}.", "" };
        if (PageBase(settings) is { } page) lines.Add($"  Call page      {page}/meet/hello   (or any other room name)");
        lines.Add($"  Add a user     ./parley user add alice@{domain}");
        var xmpp = new[] { Named(settings.Listeners.C2S.Port, "STARTTLS"), Named(settings.Listeners.C2STls.Port, "TLS") }.Where(x => x.Length > 0).ToList();
        if (xmpp.Count > 0) lines.Add($"  XMPP clients   {domain}, port {string.Join(" or ", xmpp)}");
        if (WebSocket(settings) is { } socket) lines.Add($"  WebSocket      {socket}");
        lines.Add($"  Addresses      bound to {settings.BindAddress}, advertised as {server.AdvertisedAddress}");
        lines.Add($"  Firewall       {(settings.IsLoopbackOnly ? "nothing to open while bound to loopback; otherwise " : "open ")}{PortList(settings, configuration)}");
        lines.Add("  Stop           Ctrl-C");
        lines.Add("");
        return string.Join('\n', lines);
    }

    /// <summary>The ports that the world must reach.</summary>
    public static string PortList(XmppServerSettings settings, IConfiguration configuration)
    {
        var tcp = ListenerFaults.Ports(settings).Select(p => p.Port.ToString(CultureInfo.InvariantCulture)).ToList();
        var udp = new List<string>();
        if (configuration.GetSection("Turn") is var turn && bool.TryParse(turn["Enabled"], out var isOn) && isOn)
        {
            tcp.AddRange(new[] { turn["Port"], turn["TlsPort"] }.Where(p => p is not (null or "0"))!);
            udp.AddRange(new[] { turn["Port"], turn["RelayPorts"] }.Where(p => p is not null)!);
        }

        if (int.TryParse(configuration["Media:FirstPort"], out var first) && int.TryParse(configuration["Media:Workers"], out var workers))
        {
            if (workers == 0) workers = Math.Min(8, Environment.ProcessorCount);
            udp.Insert(0, workers == 1 ? $"{first}" : $"{first}-{first + workers - 1}");
        }

        return $"TCP {string.Join(' ', tcp)}" + (udp.Count > 0 ? $", UDP {string.Join(' ', udp)}" : "");
    }

    /// <summary>Where a browser finds the server; null if it serves no HTTP.</summary>
    public static string? PageBase(XmppServerSettings settings) => (settings.IsLoopbackOnly, settings.Listeners.Http.Port, settings.Listeners.Https.Port) switch
    {
        (true, > 0 and var http, _) => $"http://localhost:{http}",
        (true, _, > 0 and var https) => $"https://localhost:{https}",
        // Browsers give cameras and microphones to secure pages only.
        (false, _, > 0 and var https) => $"https://{settings.Domains[0]}{(https == 443 ? "" : $":{https}")}",
        _ => null,
    };

    private static string? WebSocket(XmppServerSettings settings) => PageBase(settings) is { } page ? "ws" + page["http".Length..] + HttpPaths.WebSocket : null;

    private static string Named(int port, string what) => port > 0 ? $"{port} ({what})" : "";
}
