using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core;
using Parley.Xmpp.Server.Federation.Negotiation;
using Parley.Xmpp.Server.Federation.Resolution;
using Parley.Xmpp.Server.Peers;
using Parley.Xmpp.Server.Streams.Connections;

namespace Parley.Xmpp.Server.Federation.Outgoing;

/// <summary>Makes connections to other servers: every address in turn, until one leads to a stream.</summary>
internal sealed class ServerConnector(IServerResolver resolver, IFederationRules rules, TrustedRoots roots, PeerContext context, ILoggerFactory logs) : IDisposable
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    private readonly SocketConnectionContextFactory _factory = new(new SocketConnectionFactoryOptions(), logs.CreateLogger<ServerConnector>());

    /// <summary>Runs a stream from one of our domains to one of theirs, to its end.</summary>
    /// <param name="local">Ours.</param>
    /// <param name="remote">Theirs.</param>
    /// <param name="question">What to ask them; null: the stream is for stanzas.</param>
    /// <param name="route">Whose stanzas it carries.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The stream that fulfilled its purpose; else why there was none.</returns>
    public async Task<(OutgoingServerStream? Stream, PeerFailure? Failure)> RunAsync(string local, string remote, DialbackQuestion? question, OutgoingRoute? route, CancellationToken ct)
    {
        var (addresses, failure) = await resolver.ResolveAsync(remote, ct);
        foreach (var address in addresses)
        {
            if (context.Registry.IsClosing) break;
            var (stream, fault) = await RunAsync(address, local, remote, question, route, ct);
            if (stream is not null) return (stream, null);
            // What one address refuses for good another may still grant, and one that may be better later is worth trying again.
            if (failure is null || failure.IsLasting) failure = fault;
            context.Log.LogDebug(230, "No stream to a server: {Reason}", fault!.Reason);
        }

        return (null, failure ?? new PeerFailure("the server stops", false));
    }

    /// <inheritdoc/>
    public void Dispose() => _factory.Dispose();

    private async Task<(OutgoingServerStream? Stream, PeerFailure? Failure)> RunAsync(ServerAddress address, string local, string remote, DialbackQuestion? question, OutgoingRoute? route, CancellationToken ct)
    {
        if (await ConnectAsync(address, ct) is not { } socket) return (null, new PeerFailure("no connection could be made", false));
        ConnectionContext connection;
        try
        {
            PeerSocket.KeepAlive(socket);
            connection = _factory.Create(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return (null, new PeerFailure($"the connection broke ({e.Message})", false));
        }

        await using (connection)
        {
            var carrier = new TcpXmppConnection(connection, context.Certificates, bindsChannels: false, context.LimitsBefore, Ns.Server);
            var stream = new OutgoingServerStream(carrier, context, rules, roots, (local, remote), address.IsTls, question, route);
            await stream.RunAsync();
            return stream.IsFulfilled ? (stream, null) : (null, stream.Failure ?? new PeerFailure("the connection broke", false));
        }
    }

    private async Task<Socket?> ConnectAsync(ServerAddress address, CancellationToken ct)
    {
        var socket = new Socket(address.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var timer = context.Time.CreateTimer(_ => limit.Cancel(), null, ConnectTime, Timeout.InfiniteTimeSpan);
        try
        {
            await socket.ConnectAsync(address.EndPoint, limit.Token);
            return socket;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            ct.ThrowIfCancellationRequested();
            return null;
        }
    }
}
