using Microsoft.AspNetCore.Http;

namespace Parley.Xmpp.Server.Streams;

/// <summary>Runs client streams on WebSockets.</summary>
public sealed class WebSocketEndpoint(Parley.Xmpp.Server.Configuration.XmppServerSettings settings)
{
    /// <summary>Serves one request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        _ = settings;
        return Task.CompletedTask;
    }
}
