using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;

namespace Parley.Server.Host.Http;

/// <summary>
/// Takes the client's address and scheme from what the proxies in <c>Listeners:Http:TrustedProxies</c> say of the requests that they pass on (X-Forwarded-For, X-Forwarded-Proto). What others say
/// of theirs is not believed. The name that was asked for stays the request's own.
/// </summary>
internal static class ProxiedRequests
{
    private const string OriginalFor = "X-Original-For";
    private const string OriginalScheme = "X-Original-Proto";

    public static void Use(WebApplication app, XmppServerSettings settings, ILogger log)
    {
        if (settings.TrustedProxies.Count == 0)
        {
            var isTold = 0;
            app.Use((context, next) =>
            {
                if (CameFromLoopback(context) && context.Request.Headers.ContainsKey("X-Forwarded-For") && Interlocked.Exchange(ref isTold, 1) == 0)
                    log.LogWarning(501, "A reverse proxy at {Address} passes requests on that is not listed in Listeners:Http:TrustedProxies: everybody behind it counts as one address. More in docs/configuration.md.", context.Connection.RemoteIpAddress);
                return next(context);
            });
            return;
        }

        // No bound to how many may stand in a row: each must be listed.
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null, OriginalForHeaderName = OriginalFor, OriginalProtoHeaderName = OriginalScheme };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in settings.TrustedProxies) options.KnownIPNetworks.Add(network);
        app.Use((context, next) =>
        {
            // By these it is known below what was believed; nobody else is to say so.
            context.Request.Headers.Remove(OriginalFor);
            context.Request.Headers.Remove(OriginalScheme);
            context.Items[typeof(ProxiedRequests)] = context.Request.IsHttps;
            return next(context);
        });
        app.UseForwardedHeaders(options);
        app.Use((context, next) =>
        {
            var headers = context.Request.Headers;
            var saysScheme = headers.ContainsKey(OriginalScheme);
            if (saysScheme || headers.ContainsKey(OriginalFor)) context.Features.Set(new ForwardedRequest(saysScheme, context.Items[typeof(ProxiedRequests)] is true));
            return next(context);
        });
        app.Use(HttpGate.ServeForwardedAsync);
    }

    private static bool CameFromLoopback(HttpContext context) => context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
