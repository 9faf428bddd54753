using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Media.Control;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay;
using Parley.Media.Relay.Native;

namespace Parley.bench.Forward;

/// <summary>The relay as the server runs it, with one worker and one conference: one participant sends, the others receive, all over ICE, DTLS and SRTP.</summary>
internal sealed class RelayUnderTest : IDisposable
{
    private const uint SourceSsrc = 0x2000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly PayloadType Vp8 = new(VideoFrames.PayloadType, "VP8", 90_000, 1, MediaKind.Video, [], ["nack", "nack pli", "ccm fir", "transport-cc"], VideoFrames.RtxPayloadType);

    private static readonly HeaderExtension[] Extensions =
        [new(VideoFrames.TransportSequenceId, ExtensionMap.TransportSequenceUri), new(VideoFrames.MidId, ExtensionMap.MidUri)];

    private readonly MediaRelayService _relay;
    private readonly OpenSslDtlsFactory _dtls = new();
    private readonly WorkerProbe _probe = new();
    private readonly List<RelayPeer> _peers;
    private readonly Traffic _traffic;

    private RelayUnderTest(int receivers)
    {
        _relay = new(new() { Workers = 1, FirstPort = 0, BindAddress = IPAddress.Loopback, AdvertisedAddress = IPAddress.Loopback, IsLoopbackOnly = false, Parts = _ => [_probe] }, NullLoggerFactory.Instance);
        _peers = [.. Enumerable.Range(0, receivers + 1).Select(i => new RelayPeer($"p{i}", _dtls))];
        _traffic = Connect();
        _traffic.Begin();
    }

    public static RelayUnderTest Start(int receivers) => new(receivers);

    /// <summary>CPU nanoseconds per forwarded packet on the worker's thread, and all the bytes that were allocated there meanwhile.</summary>
    public (double Nanoseconds, long Bytes) Run(int frames)
    {
        var before = _probe.Read();
        var outBefore = _relay.ReadLoad().PacketsOut;
        _traffic.Run(frames);
        var after = _probe.Read();
        var load = _relay.ReadLoad();
        var packets = load.PacketsOut - outBefore;
        if (packets != (long)frames * VideoFrames.Packets * (_peers.Count - 1) || _traffic.Forged != 0) throw new InvalidOperationException($"the relay sent {packets} packets, {_traffic.Forged} of them not authentic; dropped: {string.Join(' ', load.Dropped)}");
        return ((double)(after.Nanoseconds - before.Nanoseconds) / packets, after.Bytes - before.Bytes);
    }

    public void Dispose()
    {
        _relay.Dispose();
        _traffic.Dispose();
        _peers.ForEach(p => p.Dispose());
        _dtls.Dispose();
    }

    private Traffic Connect()
    {
        var state = _relay.ModifyConferenceAsync(new("bench", [.. _peers.Select(Endpoint)], [])).GetAwaiter().GetResult();
        foreach (var (peer, endpoint) in _peers.Zip(state.Endpoints)) peer.Connect(endpoint.Transports[0]);
        using var batch = new ReceiveBatch();
        var began = Stopwatch.GetTimestamp();
        while (_peers.Any(p => p.Sender is null))
        {
            if (Stopwatch.GetElapsedTime(began) > Patience) throw new InvalidOperationException($"{_peers.Count(p => p.Sender is null)} of {_peers.Count} peers did not connect: {string.Join(' ', _relay.ReadLoad().Dropped)}");
            foreach (var peer in _peers)
            {
                foreach (ref readonly var datagram in batch.Receive(peer.Sink.Socket)) peer.Sink.Other!(batch.Bytes(datagram).ToArray(), datagram.Remote);
                peer.Tick();
            }

            Thread.Sleep(1);
        }

        return new(_peers[0].Sink.Socket, _peers[0].RelayAddress, _peers[0].Sender!, new(SourceSsrc), [.. _peers.Skip(1).Select(p => p.Sink)], [_peers[0].Sink], Tick);
    }

    /// <summary>Lets consent go on.</summary>
    private void Tick()
    {
        foreach (var peer in _peers) peer.Tick();
    }

    private EndpointSpec Endpoint(RelayPeer peer)
    {
        var transport = new TransportSpec("t", IceRole.Controlled, DtlsRole.Server, peer.Remote);
        if (peer == _peers[0]) return new(peer.Id, [transport], [new("camera", MediaKind.Video, "t", VideoFrames.Mid, SourceSsrc, SourceSsrc + 1, [Vp8], Extensions)], []);
        return new(peer.Id, [transport], [], [new("slot", MediaKind.Video, "t", VideoFrames.Mid, SourceSsrc + 2, SourceSsrc + 3, "someone", [Vp8], Extensions, "camera")]);
    }
}
