using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>
/// Connect, ConnectionBind and ConnectionAttempt (RFC 6062 sections 5.2 to 5.4). A connection that stands waits in a table that all workers share, like a reserved port:
/// whoever removes its id owns it, so a client may come for it on whatever worker its new connection is.
/// </summary>
internal sealed class TcpConnections(TurnState state, ITurnTcpSink sink)
{
    /// <summary>How long a connection waits for its client (sections 5.2 and 5.3).</summary>
    public const long WaitMs = 30_000;

    // Every connection that this worker gave an id, oldest first: all wait equally long.
    private readonly Queue<(PeerConnection Connection, long Until)> _waiting = [];

    /// <summary>Takes a connection out of its allocation.</summary>
    public static void Forget(PeerConnection connection)
    {
        if (connection.Allocation is { } allocation && allocation.Connections.GetValueOrDefault(connection.Peer) == connection) allocation.Connections.Remove(connection.Peer);
        connection.Allocation = null;
    }

    /// <summary>Cuts a connection whose allocation ends.</summary>
    public static void Drop(TurnState state, PeerConnection connection)
    {
        connection.Allocation = null;
        state.Shared.TcpWaiting.TryRemove(new(connection.Id, connection));
        connection.Close();
    }

    public int Connect(TcpAllocation allocation, scoped in TurnRequest request)
    {
        if (!request.Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var peer)) return 400;
        if (peer.IsIPv4 == allocation.Relay.IsIPv6) return 443;
        if (!state.Shared.Policy.PermitsConnection(peer.Address, peer.Port, state.Shared.TcpLive)) return 403;
        if (allocation.Connections.ContainsKey(peer)) return 446;
        if (allocation.Connections.Count >= state.Shared.Settings.ConnectionsPerAllocation) return 508;
        var connection = sink.Connect(allocation.Relay, peer with { Address = state.Shared.Addresses.Inward(peer.Address) });
        (connection.Allocation, connection.Meter, connection.Peer, connection.Reply) = (allocation, allocation.Meter, peer, new TurnReply(request));
        allocation.Connections.Add(peer, connection);
        return TurnTcp.Later;
    }

    public void Connected(PeerConnection connection, bool isConnected, long nowMs)
    {
        if (connection.Allocation is null) // it ended meanwhile, and so did who waited
        {
            connection.Close();
        }
        else if (isConnected)
        {
            Await(connection, nowMs);
            connection.Reply!.Succeed(state, connection.Id);
        }
        else
        {
            Forget(connection);
            connection.Close();
            connection.Reply!.Fail(state, 447);
        }
    }

    public void Accepted(TcpRelayPort relay, PeerConnection connection, AddressKey source, long nowMs)
    {
        var allocation = relay.Allocation;
        var peer = state.Shared.Addresses.TryOutward(source.Address, out var advertised) && allocation?.Peers.IsPermitted(advertised, nowMs) == true
            ? source with { Address = advertised } : source;
        if (allocation is null || allocation.ExpiresAt <= nowMs || !allocation.Peers.IsPermitted(peer.Address, nowMs)
            || allocation.Connections.Count >= state.Shared.Settings.ConnectionsPerAllocation || allocation.Connections.ContainsKey(peer))
        {
            state.Counters.Unpermitted++;
            connection.Close();
            return;
        }

        (connection.Allocation, connection.Meter, connection.Peer) = (allocation, allocation.Meter, peer);
        allocation.Connections.Add(peer, connection);
        Await(connection, nowMs);
        Span<byte> transaction = stackalloc byte[12];
        state.Random.NextBytes(transaction);
        var attempt = new StunWriter(stackalloc byte[100], StunClass.Indication, StunMethod.ConnectionAttempt, transaction);
        attempt.AddUInt32(StunAttribute.ConnectionId, connection.Id);
        attempt.AddXorAddress(StunAttribute.XorPeerAddress, peer);
        state.Send(allocation.Path, attempt.Written);
    }

    /// <summary>Joins a client's new connection with a peer's that waits for it.</summary>
    public int Bind(scoped in TurnRequest request, ref StunWriter answer)
    {
        if (!request.Path.IsStream || !request.Message.TryGetUInt32(StunAttribute.ConnectionId, out var id)) return 400;
        // Whose it is was settled when it got its id, on another thread perhaps; only who takes it from the table may use it.
        if (!state.Shared.TcpWaiting.TryGetValue(id, out var connection) || !connection.Owner.AsSpan().SequenceEqual(request.User.Name)) return 400;
        if (!state.Shared.TcpWaiting.TryRemove(new(id, connection))) return 400;
        answer.AddUInt32(StunAttribute.ConnectionId, id);
        sink.Join(request.Path.Connection, connection);
        return 0;
    }

    /// <summary>Cuts connections that nobody came for; returns when the next one is due.</summary>
    public long Tick(long nowMs)
    {
        while (_waiting.TryPeek(out var oldest))
        {
            if (oldest.Until > nowMs) return oldest.Until;
            var connection = _waiting.Dequeue().Connection;
            if (!state.Shared.TcpWaiting.TryRemove(new(connection.Id, connection))) continue;
            Forget(connection);
            connection.Close();
        }

        return long.MaxValue;
    }

    private void Await(PeerConnection connection, long nowMs)
    {
        connection.Owner = connection.Allocation!.User.Name.ToArray();
        do connection.Id = (uint)state.Random.NextInt64(1, 1L << 32);
        while (!state.Shared.TcpWaiting.TryAdd(connection.Id, connection));
        _waiting.Enqueue((connection, nowMs + WaitMs));
    }
}
