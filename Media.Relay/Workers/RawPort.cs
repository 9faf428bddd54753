using System.Net;
using Parley.Media.Core;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Workers;

/// <summary>A transport's own pair of ports on its worker.</summary>
internal sealed class RawPort : IRawPort
{
    /// <summary>What is asked for the kernel's buffers: half a second of 16 Mbit/s.</summary>
    public const int BufferBytes = 1 << 20;

    // A keyframe is some 60 packets; more goes out by itself.
    private const int RtpQueue = 64, RtcpQueue = 4;

    private readonly RawPorts _ports;
    private readonly IWorkerLoop _loop;
    private readonly UdpSocket _rtp, _rtcp;
    private readonly SendQueue _rtpOut, _rtcpOut;
    private bool _isBusy, _isDisposed;

    public RawPort(RawPorts ports, IWorkerLoop loop, UdpSocket rtp, UdpSocket rtcp, ReceiveBatch batch, IRawReceiver receiver, TransportServices services)
    {
        (_ports, _loop, _rtp, _rtcp) = (ports, loop, rtp, rtcp);
        (_rtpOut, _rtcpOut) = (new(rtp, RtpQueue), new(rtcp, RtcpQueue));
        Address = rtp.BoundAddress.ToIPEndPoint();
        loop.Watch(rtp.Fd, new Reader(this, rtp, batch, receiver, services.Forwards));
        loop.Watch(rtcp.Fd, new Reader(this, rtcp, batch, receiver, services.Forwards));
    }

    /// <inheritdoc/>
    public IPEndPoint Address { get; }

    /// <inheritdoc/>
    public Span<byte> Reserve() => _rtpOut.Reserve();

    /// <inheritdoc/>
    public void CommitRtp(int length, scoped in AddressKey remote)
    {
        _rtpOut.Commit(length, _rtp.BoundAddress, remote);
        NoteBusy();
    }

    /// <inheritdoc/>
    public void SendRtcp(scoped ReadOnlySpan<byte> datagram, scoped in AddressKey remote)
    {
        datagram.CopyTo(_rtcpOut.Reserve());
        _rtcpOut.Commit(datagram.Length, _rtcp.BoundAddress, remote);
        NoteBusy();
    }

    /// <summary>Sends what waits.</summary>
    public void Flush()
    {
        _isBusy = false;
        _rtpOut.Flush();
        _rtcpOut.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        Flush(); // a goodbye may wait
        _ports.Forget(this);
        _loop.Unwatch(_rtp.Fd);
        _loop.Unwatch(_rtcp.Fd);
        _rtpOut.Dispose();
        _rtcpOut.Dispose();
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    private void NoteBusy()
    {
        if (_isBusy) return;
        _isBusy = true;
        _ports.NoteBusy(this);
    }

    private sealed class Reader(RawPort port, UdpSocket socket, ReceiveBatch batch, IRawReceiver receiver, ForwardQueue forwards) : IReadable
    {
        // One batch a round: a flood here leaves the worker to everybody else's packets, and the kernel drops the rest.
        public void OnReadable(long nowMs)
        {
            var nowUs = WorkerClock.NowUs;
            foreach (ref readonly var datagram in batch.Receive(socket))
            {
                if (port._isDisposed) break;
                receiver.Receive(batch.Bytes(datagram), datagram.Remote, nowMs, nowUs);
            }

            forwards.Drain(nowMs);
        }
    }
}
