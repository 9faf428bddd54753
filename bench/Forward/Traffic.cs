using System.Diagnostics;
using Parley.Media.Core;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Native;

namespace Parley.bench.Forward;

/// <summary>A receiver: its socket, and the key that what comes must be authentic under.</summary>
internal sealed class Sink(UdpSocket socket) : IDisposable
{
    public UdpSocket Socket => socket;

    public SrtpReceiver? Srtp { get; set; }

    /// <summary>Takes what is no RTP: ICE, DTLS.</summary>
    public Action<Memory<byte>, AddressKey>? Other { get; set; }

    public long Packets { get; set; }

    public void Dispose()
    {
        Srtp?.Dispose();
        socket.Dispose();
    }
}

/// <summary>One sender and its receivers around whatever forwards. A frame is sent once the one before has arrived everywhere, so that each is a round of the forwarder's own.</summary>
internal sealed class Traffic(UdpSocket source, AddressKey target, SrtpSender srtp, VideoFrames frames, Sink[] sinks, Sink[] others, Action? tick = null) : IDisposable
{
    private const int FramesPerTick = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SendQueue _queue = new(source);
    private readonly ReceiveBatch _batch = new();
    private readonly byte[] _other = new byte[ReceiveBatch.SlotSize];

    /// <summary>Packets that were not authentic.</summary>
    public long Forged { get; private set; }

    /// <summary>Sends keyframes until every receiver gets them: a forwarder may still be on its way to all of them.</summary>
    public void Begin()
    {
        frames.AreKeyframes = true;
        var began = Stopwatch.GetTimestamp();
        while (!HaveAll(1))
        {
            if (Stopwatch.GetElapsedTime(began) > Patience) throw new InvalidOperationException($"{sinks.Count(s => s.Packets == 0)} of {sinks.Length} receivers get nothing");
            SendFrame();
            Thread.Sleep(20);
        }

        frames.AreKeyframes = false;
        for (var i = 0; i < 5; i++)
        {
            Thread.Sleep(20);
            foreach (var sink in sinks) Receive(sink);
        }

        foreach (var sink in sinks) sink.Packets = 0;
    }

    /// <summary>Sends frames and takes what comes of them. Allocates nothing.</summary>
    public void Run(int count)
    {
        for (var i = 0; i < count; i++)
        {
            foreach (var other in others) Receive(other);
            if (i % FramesPerTick == 0) tick?.Invoke();
            var expected = sinks[0].Packets + VideoFrames.Packets;
            SendFrame();
            var began = Stopwatch.GetTimestamp();
            while (!HaveAll(expected))
            {
                if (Stopwatch.GetElapsedTime(began) > Patience) throw new InvalidOperationException($"of frame {i} some packets did not arrive: {string.Join(' ', sinks.Select(s => s.Packets - expected))}, forged {Forged}");
                Thread.Sleep(0);
            }
        }
    }

    public void Dispose()
    {
        _queue.Dispose();
        _batch.Dispose();
        srtp.Dispose();
    }

    private void SendFrame()
    {
        for (var packet = 0; packet < VideoFrames.Packets; packet++)
        {
            var room = _queue.Reserve();
            if (srtp.ProtectRtp(room, frames.WriteNext(room), out var length) != SrtpResult.Ok) throw new InvalidOperationException("a packet could not be protected");
            _queue.Commit(length, default, target);
        }

        _queue.Flush();
    }

    private bool HaveAll(long expected)
    {
        var all = true;
        foreach (var sink in sinks)
        {
            if (sink.Packets < expected) Receive(sink);
            all &= sink.Packets >= expected;
        }

        return all;
    }

    private void Receive(Sink sink)
    {
        foreach (ref readonly var datagram in _batch.Receive(sink.Socket))
        {
            var bytes = _batch.Bytes(datagram);
            if (DatagramKinds.Classify(bytes) == DatagramKind.Rtp)
            {
                if (sink.Srtp!.UnprotectRtp(bytes, out _, out _) == SrtpResult.Ok) sink.Packets++;
                else Forged++;
                continue;
            }

            bytes.CopyTo(_other);
            sink.Other?.Invoke(_other.AsMemory(0, bytes.Length), datagram.Remote);
        }
    }
}
