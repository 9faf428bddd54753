using Microsoft.AspNetCore.Http;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams;

/// <summary>Runs client streams on WebSockets (RFC 7395).</summary>
public sealed class WebSocketEndpoint
{
    private const string Subprotocol = "xmpp";

    private readonly StreamContext _context;

    internal WebSocketEndpoint(StreamContext context) => _context = context;

    /// <summary>Serves one request: an upgrade that offers the subprotocol <c>xmpp</c>, else 400 (section 3.1). Host and Origin have been judged before.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest || !context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync("XMPP is spoken here by WebSocket, with the subprotocol \"xmpp\" (RFC 7395).\n", context.RequestAborted);
            return;
        }

        var (address, security) = (ConnectionSecurity.Plain(context.Connection.RemoteIpAddress), ConnectionSecurity.Of(context, _context.Settings.Auth.ChannelBinding));
        var socket = await context.WebSockets.AcceptWebSocketAsync(Subprotocol);
        var stream = new ClientStream(new WebSocketXmppConnection(socket, address, security, ClientStream.LimitsBefore(_context)), _context);
        await stream.RunAsync();
    }
}
