using Parley.Media.Core;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Turn;

/// <summary>A bound relay port. Made by one worker, adopted by the same or another; from then on only that one touches it.</summary>
internal sealed class UdpRelayPort(UdpSocket socket, bool isIPv6) : RelayPort((ushort)socket.Port, isIPv6), IErrorReadable
{
    // Two batches a round, so that one busy allocation does not hold up the others.
    private const int MaxBatches = 2;

    private TurnPart? _home;
    private SendQueue? _queue;
    private bool _forbidsFragments;

    // Most ports have one datagram at a time, which recvfrom takes for less; one that is readable again in the very next round has more, until a batch brings one only.
    private bool _hasMany;
    private uint _lastRound;

    public int Fd => socket.Fd;

    /// <summary>Takes it over; the worker watches it from now on.</summary>
    public void Adopt(TurnPart home) => _home = home;

    /// <inheritdoc/>
    public override void Send(AddressKey peer, ReadOnlySpan<byte> data, bool dontFragment = false)
    {
        if (data.Length > SendQueue.SlotSize || _home is not { } home) return;
        if (dontFragment != _forbidsFragments)
        {
            // The bit is the socket's: what waits goes with the bit that it was given.
            _queue?.Flush();
            socket.ForbidFragments(dontFragment);
            _forbidsFragments = dontFragment;
        }

        _queue ??= home.Lend(this, socket);
        data.CopyTo(_queue.Reserve());
        _queue.Commit(data.Length, socket.BoundAddress, peer);
    }

    /// <summary>Sends what is queued, and gives the queue back: the next port that has something takes it, still warm.</summary>
    public void Flush()
    {
        if (_queue is not { } queue) return;
        queue.Flush();
        _queue = null;
        _home!.TakeBack(queue);
    }

    /// <inheritdoc/>
    public void OnError(long nowMs)
    {
        if (_home is not { } home) return;
        foreach (ref readonly var error in home.Errors.Receive(socket))
            home.Server.HandlePeerError(this, error.Peer, new IcmpError(error.Type, error.Code, error.Info), nowMs);
    }

    /// <inheritdoc/>
    public void OnReadable(long nowMs)
    {
        if (_home is not { } part) return;
        if (!_hasMany && part.Rounds != _lastRound + 1)
        {
            _lastRound = part.Rounds;
            foreach (ref readonly var datagram in part.Batch.ReceiveOne(socket)) part.Server.HandlePeer(this, datagram.Remote, part.Batch.Bytes(datagram), nowMs);
            return;
        }

        // What comes in may end the allocation, and this port with it.
        for (var i = 0; i < MaxBatches && _home is { } home; i++)
        {
            var batch = home.Batch;
            var received = batch.Receive(socket);
            if (i == 0) _hasMany = received.Length > 1;
            foreach (ref readonly var datagram in received) home.Server.HandlePeer(this, datagram.Remote, batch.Bytes(datagram), nowMs);
            if (received.Length < ReceiveBatch.Capacity / 2) return;
        }
    }

    /// <inheritdoc/>
    public override void Close()
    {
        Flush();
        _home?.Unwatch(this);
        _home = null;
        socket.Dispose();
    }
}
