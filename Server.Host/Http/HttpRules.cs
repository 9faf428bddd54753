using System.Net;
using Microsoft.AspNetCore.Http;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;

namespace Parley.Server.Host.Http;

/// <summary>What holds for every request, before anybody answers it.</summary>
internal sealed class HttpRules(XmppServerSettings settings)
{
    private const int DefaultHttpsPort = 443;

    private readonly LoopbackRule _loopback = new(settings);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        SetHeaders(context.Response.Headers);
        var request = context.Request;
        var forwarded = context.Features.Get<ForwardedRequest>();
        var isHere = ArrivedAtLoopback(context);
        var isHealth = request.Path.Equals(HttpPaths.Health, StringComparison.Ordinal);
        if (settings.IsLoopbackOnly && _loopback.Refuse(request) is { } reason)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, reason);
        }
        else if (forwarded is null && !request.IsHttps && !isHere && !isHealth)
        {
            await ToHttpsAsync(context, settings.Listeners.Https.Port);
        }
        else if (forwarded is { IsEncryptedHere: false } && !isHere && !isHealth)
        {
            // What the proxy says of its client protects nothing between it and us.
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "A reverse proxy on another machine has to pass requests on by https.");
        }
        else if (forwarded is { SaysScheme: false } && !isHealth)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "The reverse proxy does not say by X-Forwarded-Proto whether this came by https.");
        }
        else if (forwarded is not null && !request.IsHttps && !isHealth)
        {
            await ToHttpsAsync(context, DefaultHttpsPort); // the proxy's, whatever ours
        }
        else if (request.Path.StartsWithSegments(HttpPaths.Admin) && !IsOfThisMachine(context, isHere))
        {
            // Nobody outside learns what is there.
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (request.Path.StartsWithSegments(HttpPaths.Metrics) && !IsOfThisMachine(context, isHere) && !MayReadMetrics(context))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else
        {
            await next(context);
        }
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    // What has no TLS must not cross a network. 307 keeps the method, and is not remembered when the operator changes the port.
    private static Task ToHttpsAsync(HttpContext context, int port)
    {
        var request = context.Request;
        if (port == 0 || !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) || request.Host.Host.Length == 0)
        {
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "This needs https.");
        }

        var host = port == DefaultHttpsPort ? new HostString(request.Host.Host) : new HostString(request.Host.Host, port);
        context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        context.Response.Headers.Location = $"https://{host.ToUriComponent()}{request.PathBase}{request.Path}{request.QueryString}";
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason + "\n", context.RequestAborted);
    }

    private static bool IsOfThisMachine(HttpContext context, bool isHere) => isHere && context.Features.Get<ForwardedRequest>() is null && CameFromLoopback(context) && LoopbackRule.IsFromThisMachine(context.Request);

    private bool MayReadMetrics(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.RemoteIpAddress;
        return address is not null && settings.Listeners.Http.MetricsFrom.Any(n => IPNetwork.TryParse(n, out var network) && network.Contains(address));
    }

    private static bool ArrivedAtLoopback(HttpContext context) => IsLoopback(context.Connection.LocalIpAddress);

    private static bool CameFromLoopback(HttpContext context) => IsLoopback(context.Connection.RemoteIpAddress);

    private static bool IsLoopback(IPAddress? address) => address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
