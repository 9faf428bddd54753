using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Parley.Server.Host.Http;

/// <summary>Tells clients where WebSocket and BOSH are (XEP-0156 section 3, RFC 6415), in XML and JSON.</summary>
internal static class HostMeta
{
    public static Task WriteXmlAsync(HttpContext context)
    {
        LetPagesRead(context);
        context.Response.ContentType = "application/xrd+xml; charset=utf-8";
        var links = string.Concat(Links(context.Request).Select(l => $"  <Link rel='{l.rel}' href='{System.Security.SecurityElement.Escape(l.href)}'/>\n"));
        return context.Response.WriteAsync($"<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\n{links}</XRD>\n", context.RequestAborted);
    }

    public static Task WriteJsonAsync(HttpContext context)
    {
        LetPagesRead(context);
        context.Response.ContentType = "application/jrd+json; charset=utf-8";
        return context.Response.WriteAsync(JsonSerializer.Serialize(new { links = Links(context.Request).Select(l => new { l.rel, l.href }) }) + "\n", context.RequestAborted);
    }

    // XEP-0156 section 5: web clients come from anywhere. It is no secret; while bound to loopback foreign pages have been refused before.
    private static void LetPagesRead(HttpContext context)
    {
        context.Response.Headers.AccessControlAllowOrigin = "*";
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
    }

    // The name and port that the client used reach this server, whatever stands between.
    private static (string rel, string href)[] Links(HttpRequest request)
    {
        var (host, secure) = (request.Host.ToUriComponent(), request.IsHttps ? "s" : "");
        return [("urn:xmpp:alt-connections:websocket", $"ws{secure}://{host}{HttpPaths.WebSocket}"), ("urn:xmpp:alt-connections:xbosh", $"http{secure}://{host}{HttpPaths.Bosh}")];
    }
}
