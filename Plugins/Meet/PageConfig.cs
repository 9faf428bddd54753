using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Meet;

/// <summary>What the page is told about the server (docs/legs/web.md, "Finding things").</summary>
internal sealed class PageConfig(IServerInfo server, IContributions<ICallRooms> rooms, IOptionsMonitor<MeetOptions> options)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The domain that a request means: its Host where that is served here, else the first.</summary>
    public string DomainOf(HttpRequest request) =>
        server.Domains.FirstOrDefault(d => string.Equals(d, request.Host.Host, StringComparison.OrdinalIgnoreCase)) ?? server.Domains[0];

    /// <summary>The JSON for a room. The default encoder writes <c>&lt;</c> as an escape, so that nothing in it can end the script element.</summary>
    public string Write(HttpRequest request, string domain, string room) => JsonSerializer.Serialize(new
    {
        Domain = domain,
        GuestDomain = server.GuestDomainOf(domain),
        CallsDomain = rooms.Items.Select(r => r.DomainOf(domain)).FirstOrDefault(d => d is not null) ?? $"calls.{domain}",
        Room = room,
        Websocket = "/xmpp-websocket",
        AutoJoin = MayAutoJoin(request),
        server.HttpsPort,
        IceTransportPolicy = request.Query["ice"] == "relay" ? "relay" : null,
    }, Json);

    // Only a page of our own or the person's own hand may start a camera: browsers say so by Sec-Fetch-Site, and what does not say it is not trusted.
    private bool MayAutoJoin(HttpRequest request) =>
        (options.CurrentValue.AllowAutoJoin ?? (server.IsLoopbackOnly && IsHere(request))) && request.Headers["Sec-Fetch-Site"] is [("none" or "same-origin")];

    // Listeners on loopback hear this machine alone, or a proxy that says who else it is.
    private static bool IsHere(HttpRequest request) => request.HttpContext.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address);
}
