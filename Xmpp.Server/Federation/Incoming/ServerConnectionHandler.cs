using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Federation.Outgoing;
using Parley.Xmpp.Server.Peers;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams.Connections;

namespace Parley.Xmpp.Server.Federation.Incoming;

/// <summary>Runs other servers' streams on Kestrel's TCP connections.</summary>
public sealed class ServerConnectionHandler
{
    private readonly PeerContext _context;
    private readonly FederationContext _federation;

    internal ServerConnectionHandler(PeerContext context, FederationContext federation) => (_context, _federation) = (context, federation);

    /// <summary>Serves one connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isDirectTls">Whether TLS begins with the first byte (XEP-0368).</param>
    public async Task ServeAsync(ConnectionContext connection, bool isDirectTls)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket) PeerSocket.KeepAlive(socket);
        var carrier = new TcpXmppConnection(connection, _context.Certificates, bindsChannels: false, _context.LimitsBefore, Ns.Server);
        var stream = new IncomingServerStream(carrier, _context, _federation, isDirectTls, connection.Features.Get<ConnectionPlace>());
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        await using (closing.UnsafeRegister(s => ((IncomingServerStream)s!).Close(StreamConditions.SystemShutdown), stream))
        {
            await stream.RunAsync();
        }
    }
}
