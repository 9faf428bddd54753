using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Conferences;

namespace Parley.Media.Relay.Transports;

/// <summary>What flows over a transport: the tracks that come in, the slots that go out, and the RTCP of both.</summary>
internal sealed class TransportMedia
{
    private readonly RelayTransport _transport;
    private readonly RelayCounters _counters;
    private readonly ForwardQueue _forwards;
    private readonly TrackDemuxer _demuxer = new();
    private readonly List<RelayTrack> _tracks = [];
    private readonly List<RelayForwarder> _forwarders = [];
    private readonly Dictionary<uint, RelayForwarder> _bySsrc = [];
    private readonly HashSet<uint> _usedSsrcs = [];
    private readonly RtcpInput _input;
    private readonly RtcpOutput _output;
    private ExtensionMap _extensions = ExtensionMap.Empty;

    public TransportMedia(RelayTransport transport, TransportServices services, long nowMs)
    {
        (_transport, _counters, _forwards) = (transport, services.Counters, services.Forwards);
        LocalSsrc = (uint)services.Random.NextInt64(1, 1L << 32);
        _input = new(transport, this, services.Ntp);
        _output = new(transport, this, services, nowMs);
    }

    /// <summary>The SSRC that our feedback comes from.</summary>
    public uint LocalSsrc { get; }

    public IReadOnlyList<RelayTrack> Tracks => _tracks;

    public IReadOnlyList<RelayForwarder> Forwarders => _forwarders;

    /// <summary>Tells the sender when its packets came; null where none of its tracks negotiated that.</summary>
    public TransportFeedback? Feedback { get; private set; }

    /// <summary>Bytes of RTP received, for the bitrate that we advertise.</summary>
    public long OctetsIn { get; private set; }

    /// <summary>What the peer believes to be able to take of all that is sent to it (REMB), in bits a second; null while it says nothing.</summary>
    public long? PeerEstimate { get; set; }

    /// <summary>Whether an SSRC went out on this transport, now or earlier: its indices are used up.</summary>
    public bool HasUsed(uint ssrc) => _usedSsrcs.Contains(ssrc);

    public bool TryFindTrack(uint ssrc, out TrackReceiver track) => _demuxer.TryFind(ssrc, out track);

    public bool TryFindForwarder(uint ssrc, out RelayForwarder forwarder) => _bySsrc.TryGetValue(ssrc, out forwarder!);

    public void Add(RelayTrack track)
    {
        _tracks.Add(track);
        _demuxer.Add(track.Receiver);
        OnTracksChanged();
    }

    public void Remove(RelayTrack track)
    {
        _tracks.Remove(track);
        _demuxer.Remove(track.Receiver);
        OnTracksChanged();
    }

    public void Add(RelayForwarder forwarder)
    {
        _forwarders.Add(forwarder);
        foreach (var ssrc in forwarder.Ssrcs)
        {
            _bySsrc[ssrc] = forwarder;
            _usedSsrcs.Add(ssrc);
        }
    }

    public void Remove(RelayForwarder forwarder)
    {
        _forwarders.Remove(forwarder);
        foreach (var ssrc in forwarder.Ssrcs) _bySsrc.Remove(ssrc);
    }

    /// <summary>Takes a packet in the clear; it is forwarded at the end of its batch.</summary>
    public DropReason ReceiveRtp(Span<byte> packet, in RtpHeader header, long nowMs, long nowUs)
    {
        _counters.CountIn();
        OctetsIn += packet.Length;
        if (Feedback is not null)
        {
            // Before the demultiplexer, which turns a retransmission into its original.
            var sequence = PacketExtensions.Read(packet, header, _extensions).TransportSequence;
            if (sequence >= 0) Feedback.OnPacket((ushort)sequence, nowUs);
        }

        var input = _demuxer.Receive(packet, header, nowMs, out var receiver, out var position);
        if (input != TrackInput.Stored) return ReasonOf(input);
        ((RelayTrack)receiver.Owner!).OnStored(position);
        _forwards.Add(receiver, position, nowMs);
        return DropReason.None;
    }

    /// <summary>Takes a compound in the clear.</summary>
    public void ReceiveRtcp(ReadOnlySpan<byte> compound, long nowMs) => _input.Receive(compound, nowMs);

    /// <summary>Does what is due: what is sent unasked, feedback, reports.</summary>
    public void Tick(long nowMs)
    {
        _input.OnTick();
        foreach (var forwarder in _forwarders) forwarder.Tick(nowMs);
        _output.Tick(nowMs);
    }

    /// <summary>Says that a slot is free.</summary>
    public void SendBye(RelayForwarder forwarder) => _output.SendBye(forwarder);

    /// <summary>Media may flow: every slot starts, with a keyframe where it needs one.</summary>
    public void OnUp(long nowMs)
    {
        foreach (var forwarder in _forwarders) forwarder.Apply(nowMs);
    }

    /// <summary>Nothing flows any more.</summary>
    public void OnDown(long nowMs)
    {
        foreach (var forwarder in _forwarders) forwarder.Apply(nowMs);
    }

    private void OnTracksChanged()
    {
        // Under BUNDLE an id means the same in every section (RFC 8843 section 9.1), so one map serves them all.
        _extensions = LegMaps.Extensions(_tracks.SelectMany(t => t.Spec.Extensions));
        var wants = _extensions.IdOf(RtpExtensionKind.TransportSequence) != 0 && _tracks.Any(t => LegMaps.HasFeedback(t.Spec.Payloads, "transport-cc"));
        Feedback = wants ? Feedback ?? new() : null;
    }

    private static DropReason ReasonOf(TrackInput input) => input switch
    {
        TrackInput.NoTrack => DropReason.RtpNoTrack,
        TrackInput.Malformed => DropReason.RtpMalformed,
        TrackInput.Duplicate => DropReason.RtpDuplicate,
        TrackInput.TooOld => DropReason.RtpTooOld,
        _ => DropReason.None, // a probe was of use: feedback tells of it
    };
}
