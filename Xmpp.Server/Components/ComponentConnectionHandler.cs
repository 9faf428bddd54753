using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Peers;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams.Connections;

namespace Parley.Xmpp.Server.Components;

/// <summary>Runs components' streams on Kestrel's TCP connections.</summary>
public sealed class ComponentConnectionHandler : ConnectionHandler
{
    private readonly PeerContext _context;
    private readonly ExternalComponents _components;
    private readonly ComponentKeys _keys;

    internal ComponentConnectionHandler(PeerContext context, ExternalComponents components, ComponentKeys keys) => (_context, _components, _keys) = (context, components, keys);

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        // Two protocols share the port: the header's content namespace tells which is spoken.
        var carrier = new TcpXmppConnection(connection, _context.Certificates, _context.Settings.Auth.ChannelBinding, _context.LimitsBefore, Ns.Component, Ns.Client);
        var stream = new ComponentStream(carrier, _context, _components, _keys, connection.Features.Get<ConnectionPlace>());
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        await using (closing.UnsafeRegister(s => ((ComponentStream)s!).Close(StreamConditions.SystemShutdown), stream))
        {
            await stream.RunAsync();
        }
    }
}
