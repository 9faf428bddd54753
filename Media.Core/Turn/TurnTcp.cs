using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>One worker's TCP allocations (RFC 6062): clients over TCP or TLS that exchange streams with their peers, a connection each.</summary>
public sealed class TurnTcp
{
    /// <summary>A request's answer comes later, by a <see cref="TurnReply"/>.</summary>
    internal const int Later = -2;

    private const long SweepMs = 1000;

    private readonly TcpAllocations _allocations;
    private readonly TcpConnections _connections;
    private long _nextSweep;

    internal TurnTcp(TurnState state, ITurnTcpSink sink)
    {
        _connections = new TcpConnections(state, sink);
        _allocations = new TcpAllocations(state, sink);
    }

    /// <summary>What came of a <see cref="ITurnTcpSink.Connect"/>.</summary>
    public void Connected(PeerConnection connection, bool isConnected, long nowMs) => _connections.Connected(connection, isConnected, nowMs);

    /// <summary>A peer connected to a relay port. It is closed unless it may.</summary>
    public void Accepted(TcpRelayPort relay, PeerConnection connection, AddressKey source, long nowMs) => _connections.Accepted(relay, connection, source, nowMs);

    /// <summary>A connection that a client had taken is over; on the thread of the worker that made it.</summary>
    public static void Closed(PeerConnection connection) => TcpConnections.Forget(connection);

    /// <summary>Whether a request is about a TCP allocation. Those of UDP never are.</summary>
    internal bool Concerns(scoped in TurnRequest request) => request.Path.IsStream && (request.Message.Method is StunMethod.Connect or StunMethod.ConnectionBind
        || Has(request.Path) || (request.Message.Method == StunMethod.Allocate && TcpAllocations.IsWantedBy(request.Message)));

    internal bool Has(in FiveTuple path) => _allocations.Find(path) is not null;

    /// <summary>The user of the allocation that lives at a path.</summary>
    internal TurnUser? Holder(in FiveTuple path) => path.IsStream ? _allocations.Find(path)?.User : null;

    /// <summary>Runs an authenticated request: 0, an error code, or <see cref="Later"/>.</summary>
    internal int Run(scoped in TurnRequest request, ref StunWriter answer)
    {
        var allocation = _allocations.Find(request.Path);
        if (allocation?.ExpiresAt <= request.NowMs)
        {
            _allocations.Remove(allocation);
            allocation = null;
        }

        if (request.Message.Method == StunMethod.Allocate) return request.Allocation is null && allocation is null ? _allocations.Allocate(request, ref answer) : 437;
        if (request.Message.Method == StunMethod.ConnectionBind) return request.Allocation is null && allocation is null ? _connections.Bind(request, ref answer) : 400;
        if (allocation is null) return 437;
        if (!request.User.Name.SequenceEqual(allocation.User.Name)) return 441;
        return request.Message.Method switch
        {
            StunMethod.Refresh => _allocations.Refresh(allocation, request, ref answer),
            StunMethod.CreatePermission => _allocations.Permit(allocation, request),
            StunMethod.Connect => _connections.Connect(allocation, request),
            _ => 400, // there are no channels here
        };
    }

    internal void Disconnect(in FiveTuple path)
    {
        if (_allocations.Find(path) is { } allocation) _allocations.Remove(allocation);
    }

    internal long Tick(long nowMs)
    {
        var due = _connections.Tick(nowMs);
        if (_allocations.Count == 0) return due;
        if (nowMs >= _nextSweep)
        {
            _allocations.RemoveExpired(nowMs);
            _nextSweep = nowMs + SweepMs;
        }

        return Math.Min(due, _nextSweep);
    }

    internal void Revoke(string account) => _allocations.Revoke(account);

    internal void Close() => _allocations.Close();
}
