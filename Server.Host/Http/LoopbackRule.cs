using System.Net;
using Microsoft.AspNetCore.Http;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Http;

/// <summary>
/// While the server is bound to loopback it trusts whoever reaches it, so nobody may reach it through a visitor's browser: a Host that is no loopback name is a name
/// rebound to this machine, and an Origin that is none is a foreign page.
/// </summary>
internal sealed class LoopbackRule
{
    // What proxies say of the request that they pass on (RFC 7239, RFC 9110 section 7.6.3, and common usage).
    private static readonly string[] Forwarding = ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];

    private readonly HashSet<string> _origins;
    private readonly HashSet<string> _hosts;

    public LoopbackRule(XmppServerSettings settings)
    {
        var allowed = settings.Listeners.Http.AllowedOrigins;
        _origins = allowed.Select(o => o.TrimEnd('/')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // Behind a proxy on the same machine the page and the server share the proxy's name.
        _hosts = allowed.Select(o => Uri.TryCreate(o, UriKind.Absolute, out var uri) ? uri.Host : "").Where(h => h.Length > 0).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Why a request is refused; null if it is not.</summary>
    public string? Refuse(HttpRequest request)
    {
        var host = request.Host.Host;
        if (!IsLoopbackName(host) && !_hosts.Contains(host)) return "This server is bound to loopback and answers only to loopback names.";
        foreach (var origin in request.Headers.Origin)
        {
            if (!IsLoopbackOrigin(origin) && !_origins.Contains(origin ?? "")) return "This server is bound to loopback and takes no requests of foreign pages.";
        }

        return null;
    }

    /// <summary>
    /// Whether this machine itself asks, for what is nobody else's business: by a loopback name, whatever other names are allowed, and not through a proxy on it,
    /// behind which is the world.
    /// </summary>
    public static bool IsFromThisMachine(HttpRequest request) =>
        IsLoopbackName(request.Host.Host) && request.Headers.Origin.All(IsLoopbackOrigin) && !Forwarding.Any(request.Headers.ContainsKey);

    /// <summary>
    /// What the operator of a server that is bound to loopback should be told: a domain that is no loopback name has clients of its own or a proxy before it, whose uploads,
    /// WebSockets and calls by that name are refused for as long as no origin is named. Null where there is nothing to tell.
    /// </summary>
    public static string? Warn(XmppServerSettings settings)
    {
        if (!settings.IsLoopbackOnly || settings.Listeners.Http.AllowedOrigins.Count > 0 || settings.Listeners is { Http.Port: 0, Https.Port: 0 }) return null;
        return settings.Domains.FirstOrDefault(d => !IsLoopbackName(d)) is { } domain
            ? $"Listeners:Http:AllowedOrigins: bound to {settings.BindAddress}, this server answers HTTP only at loopback names, so uploads, WebSockets and the call page at {domain} are refused. Name the origin under which people reach it, such as https://{domain}, or bind to another address."
            : null;
    }

    private static bool IsLoopbackOrigin(string? origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && IsLoopbackName(uri.Host);

    /// <summary>Whether a name or literal address always means this machine (RFC 6761 section 6.3).</summary>
    public static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
