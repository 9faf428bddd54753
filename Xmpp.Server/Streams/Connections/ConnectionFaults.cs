using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;

namespace Parley.Xmpp.Server.Streams.Connections;

/// <summary>Tells what the other side did from what is our own fault.</summary>
internal static class ConnectionFaults
{
    /// <summary>Whether it is what TCP, TLS and WebSocket throw when the other side goes away or breaks their rules.</summary>
    public static bool IsOfTheConnection(Exception e) =>
        e is IOException or OperationCanceledException or WebSocketException or AuthenticationException or ObjectDisposedException or SocketException
            || (e is InvalidOperationException && e.Source == "System.IO.Pipelines");
}
