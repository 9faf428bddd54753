using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.bench.Forward;
using Parley.bench.Turn;
using Parley.Media.Control;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay;
using Parley.Media.Relay.Native;

namespace Parley.bench.Audio;

/// <summary>Our relay as the server runs it, with one worker and one conference of Mixed legs, over ICE, DTLS and SRTP. Measured is all of this process but the thread that plays the participants.</summary>
internal sealed class ParleyMixer : IMixPeer
{
    private const int TickFrames = 25;
    private const uint FirstSource = 0x3000, FirstSlot = 0x5000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly PayloadType Opus = new(MixClient.PayloadType, "opus", 48_000, 2, MediaKind.Audio, [], []);

    private readonly MediaRelayService _relay;
    private readonly OpenSslDtlsFactory _dtls = new();
    private readonly List<Member> _members = [];
    private readonly ReceiveBatch _batch = new();
    private readonly byte[] _other = new byte[ReceiveBatch.SlotSize];
    private long _frames;

    public ParleyMixer(int participants)
    {
        _relay = new(new() { Workers = 1, FirstPort = 0, BindAddress = IPAddress.Loopback, AdvertisedAddress = IPAddress.Loopback, IsLoopbackOnly = false }, NullLoggerFactory.Instance);
        if (!_relay.Capabilities.HasMixer) throw new InvalidOperationException("libopus is not installed");
        for (var i = 0; i < participants; i++)
        {
            var peer = new RelayPeer($"p{i}", _dtls);
            _members.Add(new(peer, new SendQueue(peer.Sink.Socket, capacity: 4), new MixClient(FirstSource + (uint)i, isListening: i == participants - 1)));
        }

        Connect();
    }

    public long CpuNanoseconds => ThreadTimes.Of(Environment.ProcessId) - ThreadClock.CpuNanoseconds;

    public long Received => _members.Sum(m => m.Client.Received);

    public void Send(int participant, ReadOnlySpan<byte> payload)
    {
        var (peer, queue, client) = _members[participant];
        var room = queue.Reserve();
        if (peer.Sender!.ProtectRtp(room, client.Write(room, payload), out var length) != SrtpResult.Ok) throw new InvalidOperationException("a packet could not be protected");
        queue.Commit(length, default, peer.RelayAddress);
        queue.Flush();
    }

    public void Receive()
    {
        var isDue = ++_frames % TickFrames == 0;
        foreach (var member in _members)
        {
            Receive(member);
            if (isDue) member.Peer.Tick(); // consent
        }
    }

    public float TakeLoudest()
    {
        var loudest = _members[^1].Client.Loudest;
        _members[^1].Client.Loudest = 0;
        return loudest;
    }

    public void Dispose()
    {
        _relay.Dispose();
        foreach (var (peer, queue, client) in _members)
        {
            queue.Dispose();
            peer.Sender?.Dispose();
            peer.Dispose();
            client.Dispose();
        }

        _batch.Dispose();
        _dtls.Dispose();
    }

    private void Connect()
    {
        var state = _relay.ModifyConferenceAsync(new("bench", [.. _members.Select((m, i) => Endpoint(m.Peer, (uint)i))], [])).GetAwaiter().GetResult();
        foreach (var (member, endpoint) in _members.Zip(state.Endpoints)) member.Peer.Connect(endpoint.Transports[0]);
        var began = Stopwatch.GetTimestamp();
        while (_members.Any(m => m.Peer.Sender is null))
        {
            if (Stopwatch.GetElapsedTime(began) > Patience) throw new InvalidOperationException($"{_members.Count(m => m.Peer.Sender is null)} of {_members.Count} participants did not connect");
            foreach (var member in _members)
            {
                Receive(member);
                member.Peer.Tick();
            }

            Thread.Sleep(1);
        }
    }

    private void Receive(Member member)
    {
        var sink = member.Peer.Sink;
        foreach (ref readonly var datagram in _batch.Receive(sink.Socket))
        {
            var bytes = _batch.Bytes(datagram);
            if (DatagramKinds.Classify(bytes) == DatagramKind.Rtp)
            {
                if (sink.Srtp?.UnprotectRtp(bytes, out _, out var length) == SrtpResult.Ok) member.Client.Take(bytes[..length]);
                continue;
            }

            bytes.CopyTo(_other);
            sink.Other?.Invoke(_other.AsMemory(0, bytes.Length), datagram.Remote);
        }
    }

    private static EndpointSpec Endpoint(RelayPeer peer, uint index) => new(peer.Id, [new TransportSpec("t", IceRole.Controlled, DtlsRole.Server, peer.Remote)],
        [new($"{peer.Id}.audio", MediaKind.Audio, "t", null, FirstSource + index, null, [Opus], [])],
        [new("mix", MediaKind.Audio, "t", null, FirstSlot + index, null, "mix", [Opus], [], null, ForwarderFeed.Mix)]);

    private sealed record Member(RelayPeer Peer, SendQueue Queue, MixClient Client);
}
