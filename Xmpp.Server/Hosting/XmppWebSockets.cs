using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Xmpp.Server.Streams;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>Serves clients over HTTP: by WebSocket (RFC 7395) and by BOSH (XEP-0206).</summary>
public static class XmppWebSockets
{
    /// <summary>Maps the endpoint. The host puts <c>UseWebSockets()</c> and its checks of Host and Origin before it.</summary>
    public static IEndpointConventionBuilder MapXmppWebSocket(this IEndpointRouteBuilder endpoints, string pattern = "/xmpp-websocket") =>
        endpoints.Map(pattern, (HttpContext context) => context.RequestServices.GetRequiredService<WebSocketEndpoint>().HandleAsync(context));

    /// <summary>Maps the endpoint of BOSH. The host puts its checks of Host and Origin before it.</summary>
    public static IEndpointConventionBuilder MapXmppBosh(this IEndpointRouteBuilder endpoints, string pattern = "/http-bind") =>
        endpoints.Map(pattern, (HttpContext context) => context.RequestServices.GetRequiredService<BoshEndpoint>().HandleAsync(context));
}
