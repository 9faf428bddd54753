using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>Bounds connections of HTTP, and of what shares its port, by network address. A connection on which nothing is served is one that may have to make room.</summary>
public static class HttpGate
{
    /// <summary>Puts the bounds before a listener, TLS included.</summary>
    public static void UseHttpGate(this ListenOptions listener) => listener.UseGate(g => g.Http);

    /// <summary>Somebody else than HTTP serves a connection, by bounds of their own; false if its address has too many.</summary>
    public static bool TryAdmit(ConnectionContext connection)
    {
        if (connection.Features.Get<ConnectionPlace>() is not { } place) return true;
        place.Advance(PlaceStage.Opened);
        return place.TryEstablish();
    }

    /// <summary>Serves a request, for as long as which its connection is not half-open; 503 if its address has too many that are served.</summary>
    public static async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<ConnectionPlace>() is not { } place) await next(context);
        else await ServeAsync(place, context, next);
    }

    /// <summary>Serves a request that a trusted proxy passed on, as one of its client's address; 503 if that has too many that are served.</summary>
    public static async Task ServeForwardedAsync(HttpContext context, RequestDelegate next)
    {
        // What the proxy does not say whose it is counts as the proxy's, whose connection has been judged.
        if (context.Features.Get<ForwardedRequest>() is null || ConnectionSecurity.Plain(context.Connection.RemoteIpAddress) is not { } address)
        {
            await next(context);
            return;
        }

        var place = context.RequestServices.GetRequiredService<StreamGuards>().Http.TryEnter(address, context.Abort, isPaced: false)!; // only those that come too fast are turned away
        try
        {
            await ServeAsync(place, context, next);
        }
        finally
        {
            place.Leave();
        }
    }

    private static async Task ServeAsync(ConnectionPlace place, HttpContext context, RequestDelegate next)
    {
        place.Advance(PlaceStage.Opened);
        if (!place.BeginRequest())
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.Connection = "close";
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            place.EndRequest();
        }
    }
}
