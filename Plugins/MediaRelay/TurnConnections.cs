using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Parley.Media.Core.Turn;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.MediaRelay;

/// <summary>Hands TURN clients that come over TCP or TLS to the relay's workers (RFC 8656 section 3.1).</summary>
public sealed class TurnConnections(TurnSetup turn) : ISharedConnectionHandler
{
    /// <summary>The application protocols of RFC 7443: TURN, and STUN alone.</summary>
    public static IReadOnlyList<string> Protocols { get; } = ["stun.turn", "stun.nat-discovery"];

    /// <inheritdoc/>
    public async Task HandleAsync(ConnectionContext connection)
    {
        if (turn.Relay is { } relay && connection is { RemoteEndPoint: IPEndPoint client, LocalEndPoint: IPEndPoint server })
            await relay.ServeAsync(connection.Transport, client, server, connection.Features.Get<ITlsHandshakeFeature>() is not null, connection.Abort);
        else connection.Abort();
    }

    /// <inheritdoc/>
    public bool? Recognizes(ReadOnlySpan<byte> start) => TurnDeframer.Recognizes(start);
}
