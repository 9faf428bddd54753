using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Parley.Xmpp.Server.Protection;

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
        if (context.Features.Get<ConnectionPlace>() is not { } place)
        {
            await next(context);
            return;
        }

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
