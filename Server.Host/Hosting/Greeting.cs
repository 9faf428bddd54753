using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Http;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Hosting;

/// <summary>The first screen: where to click, how to add a user, what to open in a firewall.</summary>
internal static class Greeting
{
    public static string Write(LoadedSetup setup, IServerInfo server)
    {
        var settings = setup.Settings.Server;
        var domain = settings.Domains[0];
        var lines = new List<string> { "", $"Parley {ServerStatus.Version} serves {string.Join(", ", settings.Domains)}{(settings.IsLoopbackOnly ? ", to this machine only" : "")}.", "" };
        if (PageBase(settings) is { } page) lines.Add($"  Call page      {page}/meet/hello   (or any other room name)");
        lines.Add($"  Add a user     ./parley user add alice@{domain}");
        var xmpp = new[] { Named(settings.Listeners.C2S.Port, "STARTTLS"), Named(settings.Listeners.C2STls.Port, "TLS") }.Where(x => x.Length > 0).ToList();
        if (xmpp.Count > 0) lines.Add($"  XMPP clients   {domain}, port {string.Join(" or ", xmpp)}");
        if (WebSocket(settings) is { } socket) lines.Add($"  WebSocket      {socket}");
        lines.Add($"  Addresses      bound to {settings.BindAddress}, advertised as {server.AdvertisedAddress}");
        lines.Add($"  Firewall       {(settings.IsLoopbackOnly ? "nothing to open while bound to loopback; otherwise " : "open ")}{PortList(setup)}");
        if (RawPorts(setup) is { } raw) lines.Add($"                 {raw}");
        lines.Add("  Stop           Ctrl-C");
        lines.Add("");
        return string.Join('\n', lines);
    }

    /// <summary>The ports that the world must reach.</summary>
    public static string PortList(LoadedSetup setup)
    {
        var settings = setup.Settings.Server;
        // Components come from this machine, unless the operator says more.
        var tcp = ListenerFaults.Ports(settings, setup.Listeners).Where(p => p.Key != "Listeners:Component:Port" || settings.Listeners.Component.BindAddress is not null).Select(p => p.Port.ToString(CultureInfo.InvariantCulture)).ToList();
        var ports = setup.Udp;
        List<PortRange> udp = [.. new[] { ports.Media, ports.Turn, ports.Relay }.OfType<PortRange>()];
        return $"TCP {string.Join(' ', tcp)}" + (udp.Count > 0 ? $", UDP {string.Join(' ', udp)}" : "");
    }

    /// <summary>The ports of media without encryption, and for whom; null where that is off.</summary>
    public static string? RawPorts(LoadedSetup setup) => setup.Udp.Raw is { } raw ? $"for media without encryption, from {string.Join(' ', setup.RawNetworks)} and nobody else: UDP {raw}" : null;

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
