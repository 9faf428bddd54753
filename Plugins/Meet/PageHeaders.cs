using Microsoft.AspNetCore.Http;

namespace Parley.Plugins.Meet;

/// <summary>The headers by which the page binds its own hands.</summary>
internal static class PageHeaders
{
    /// <summary>Sets what holds for every answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="inline">The script that may stand inside a page, as a source expression.</param>
    public static void Set(HttpContext context, string inline)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy(context.Request.Host, inline);
        headers["Permissions-Policy"] = "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), geolocation=(), payment=(), usb=()";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    // 'self' covers WebSockets of the same host only in newer browsers, so they are named.
    private static string Policy(HostString host, string inline)
    {
        var sockets = IsPlain(host.Value) ? $" ws://{host.Value} wss://{host.Value}" : "";
        return $"default-src 'none'; script-src 'self' {inline}; style-src 'self'; connect-src 'self'{sockets}; media-src 'self' blob:; img-src 'self' data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    }

    private static bool IsPlain(string? host) => host is { Length: > 0 and <= 255 } && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']');
}
