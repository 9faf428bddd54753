using Parley.Media.Core;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Turn;

/// <summary>A bound relay port. Made by one worker, adopted by the same or another; from then on only that one touches it.</summary>
internal sealed class UdpRelayPort(UdpSocket socket, bool isIPv6) : RelayPort((ushort)socket.Port, isIPv6), IErrorReadable
{
    // A few of an allocation's datagrams come in one round; one more flushes.
    private const int QueueCapacity = 32;

    // Two batches a round, so that one busy allocation does not hold up the others.
    private const int MaxBatches = 2;

    private TurnPart? _home;
    private SendQueue? _queue;
    private bool _forbidsFragments;

    public int Fd => socket.Fd;

    /// <summary>Takes it over; the worker watches it from now on.</summary>
    public void Adopt(TurnPart home) => (_home, _queue) = (home, new SendQueue(socket, QueueCapacity));

    /// <inheritdoc/>
    public override void Send(AddressKey peer, ReadOnlySpan<byte> data, bool dontFragment = false)
    {
        if (data.Length > SendQueue.SlotSize || _queue is null) return;
        if (dontFragment != _forbidsFragments)
        {
            // The bit is the socket's: what waits goes with the bit that it was given.
            _queue.Flush();
            socket.ForbidFragments(dontFragment);
            _forbidsFragments = dontFragment;
        }

        if (_queue.Count == 0) _home!.WillFlush(this);
        data.CopyTo(_queue.Reserve());
        _queue.Commit(data.Length, socket.BoundAddress, peer);
    }

    /// <summary>Sends what is queued.</summary>
    public void Flush() => _queue?.Flush();

    /// <inheritdoc/>
    public void OnError(long nowMs)
    {
        foreach (ref readonly var error in _home!.Errors.Receive(socket))
            _home.Server.HandlePeerError(this, error.Peer, new IcmpError(error.Type, error.Code, error.Info), nowMs);
    }

    /// <inheritdoc/>
    public void OnReadable(long nowMs)
    {
        var batch = _home!.Batch;
        for (var i = 0; i < MaxBatches; i++)
        {
            var received = batch.Receive(socket);
            foreach (ref readonly var datagram in received) _home.Server.HandlePeer(this, datagram.Remote, batch.Bytes(datagram), nowMs);
            if (received.Length < ReceiveBatch.Capacity / 2) return;
        }
    }

    /// <inheritdoc/>
    public override void Close()
    {
        Flush();
        _home?.Unwatch(this);
        _queue?.Dispose();
        _queue = null;
        socket.Dispose();
    }
}
