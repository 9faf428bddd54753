using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams.Connections;

namespace Parley.Xmpp.Server.Streams;

/// <summary>Runs client streams on Kestrel's TCP connections.</summary>
public sealed class ClientConnectionHandler : ConnectionHandler
{
    private readonly StreamContext _context;

    internal ClientConnectionHandler(StreamContext context) => _context = context;

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var carrier = new TcpXmppConnection(connection, _context.Certificates, _context.Settings.Auth.ChannelBinding, ClientStream.LimitsBefore(_context));
        var stream = new ClientStream(carrier, _context, connection.Features.Get<ConnectionPlace>());
        // Kestrel asks when it stops; it would cut the connection soon after.
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        await using (closing.UnsafeRegister(s => ((ClientStream)s!).Close(StreamConditions.SystemShutdown), stream))
        {
            await stream.RunAsync();
        }
    }
}
