using Microsoft.AspNetCore.Connections;

namespace Parley.Xmpp.Server.Streams;

/// <summary>Runs client streams on Kestrel's TCP connections.</summary>
public sealed class ClientConnectionHandler : ConnectionHandler
{
    /// <inheritdoc/>
    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        connection.Abort();
        return Task.CompletedTask;
    }
}
