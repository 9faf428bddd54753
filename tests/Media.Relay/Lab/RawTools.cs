using System.Net;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Core.Rtcp;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Transports;
using Parley.tests.Media.Core.Forwarding;

namespace Parley.tests.Media.Relay.Lab;

/// <summary>The pairs of ports of a virtual relay, and what a media tool at the other end sees.</summary>
internal sealed class RawTools : IRawPorts
{
    public const uint Host = 0x0A000900;

    public List<RawTool> All { get; } = [];

    /// <summary>Whether a pair is free.</summary>
    public bool HasPorts { get; set; } = true;

    public bool IsOwn(AddressKey peer) => peer.Port is >= 12_000 and < 13_000;

    public IRawPort? TryOpen(AddressKey peer, IRawReceiver receiver)
    {
        if (!HasPorts) return null;
        All.Add(new(receiver, peer, 12_000 + (All.Count * 2)));
        return All[^1];
    }

    /// <summary>A leg without ICE that sends voice and picture and receives a participant's.</summary>
    public static EndpointSpec Leg(string id, string? source, Func<RawTransport, RawTransport>? change = null, bool isMuted = false)
    {
        var raw = new RawTransport(AddressKey.OfIPv4(Host, 5004).ToIPEndPoint(), AddressKey.OfIPv4(Host, 5005).ToIPEndPoint(), SendsUnheard: false, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5));
        return new(id, [new("t", IceRole.Controlled, DtlsRole.Undecided, null, Raw: (change ?? (r => r))(raw))],
            [new($"{id}-audio", MediaKind.Audio, "t", null, null, null, [Specs.Opus with { Feedback = [] }], [], isMuted), new($"{id}-video", MediaKind.Video, "t", null, null, null, [Vp8], [], isMuted)],
            [new("v", MediaKind.Video, "t", null, 777, null, "room", [Vp8], [], source is null ? null : $"{source}-video"), new("a", MediaKind.Audio, "t", null, 778, null, "room", [Specs.Opus with { Feedback = [] }], [], source is null ? null : $"{source}-audio")]);
    }

    private static readonly PayloadType Vp8 = new(96, "VP8", 90_000, 1, MediaKind.Video, [], []);
}

/// <summary>One such tool.</summary>
internal sealed class RawTool(IRawReceiver receiver, AddressKey peer, int port) : IRawPort
{
    private readonly byte[] _room = new byte[2048];

    public VideoSource Video { get; set; } = new(0xAAAA, 100, 9_000);

    /// <summary>What came: where to, whether from the port of RTCP, and the bytes.</summary>
    public List<(AddressKey To, bool FromRtcp, byte[] Bytes)> Received { get; } = [];

    public bool IsClosed { get; private set; }

    public IPEndPoint Address => new(IPAddress.Parse("10.0.0.1"), port);

    /// <summary>What came on an SSRC as RTP.</summary>
    public List<Outgoing> On(uint ssrc) => [.. Received.Where(r => DatagramKinds.Classify(r.Bytes) == DatagramKind.Rtp).Select(r => Outgoing.Of(r.Bytes)).Where(p => p.Header.Ssrc == ssrc)];

    public void Send(VirtualRelay relay, byte[] datagram, AddressKey? from = null)
    {
        receiver.Receive(datagram, from ?? peer, relay.NowMs, relay.NowMs * 1000);
        relay.Services.Forwards.Drain(relay.NowMs);
    }

    public void SendFrame(VirtualRelay relay, bool isKeyframe, AddressKey? from = null)
    {
        foreach (var packet in Video.Frame(isKeyframe)) Send(relay, packet, from);
    }

    public void SendReport(VirtualRelay relay)
    {
        var rtcp = new RtcpWriter(new byte[100]);
        rtcp.AddReceiverReport(5);
        Send(relay, rtcp.Written.ToArray());
    }

    public Span<byte> Reserve() => _room;

    public void CommitRtp(int length, scoped in AddressKey remote) => Received.Add((remote, false, _room.AsSpan(0, length).ToArray()));

    public void SendRtcp(scoped ReadOnlySpan<byte> datagram, scoped in AddressKey remote) => Received.Add((remote, true, datagram.ToArray()));

    public void Dispose() => IsClosed = true;
}
