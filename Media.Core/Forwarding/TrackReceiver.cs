using Parley.Media.Core.Rtcp;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Core.Forwarding;

/// <summary>What is settled about a track that comes in.</summary>
public sealed record TrackReceiverSettings
{
    /// <summary>Video, else audio.</summary>
    public required bool IsVideo { get; init; }

    /// <summary>Its SSRC; null if it was not signalled, then the demultiplexer finds it.</summary>
    public uint? Ssrc { get; init; }

    /// <summary>The SSRC of its retransmissions; null if unknown or none.</summary>
    public uint? RtxSsrc { get; init; }

    /// <summary>Its mid; null if none.</summary>
    public string? Mid { get; init; }

    /// <summary>The leg's payload types.</summary>
    public required PayloadTypeMap Payloads { get; init; }

    /// <summary>The leg's extension ids.</summary>
    public required ExtensionMap Extensions { get; init; }

    /// <summary>Shared by the participant's tracks.</summary>
    public required SourceClock Clock { get; init; }

    /// <summary>The SSRC that our feedback comes from.</summary>
    public required uint LocalSsrc { get; init; }
}

/// <summary>What became of an RTP packet.</summary>
public enum TrackInput
{
    /// <summary>In the ring: offer its position to the forwarders.</summary>
    Stored,
    /// <summary>It was there already.</summary>
    Duplicate,
    /// <summary>Older than the ring.</summary>
    TooOld,
    /// <summary>Longer than a slot, or with impossible padding.</summary>
    Malformed,
    /// <summary>A retransmission of nothing: a bandwidth probe.</summary>
    Probe,
    /// <summary>No track has this SSRC, mid or payload type.</summary>
    NoTrack,
}

/// <summary>A track that comes in: its latest packets, its losses, its keyframes and its statistics. One thread; nothing is allocated per packet.</summary>
public sealed class TrackReceiver
{
    /// <summary>How many packets of a video track are kept.</summary>
    internal const int VideoSlots = 1024;

    private const int AudioSlots = 128;
    private const long FreshKeyframeMs = 500;

    private readonly PacketRing _ring;
    private readonly LossTracker _losses = new();
    private readonly KeyframeRequests _keyframes = new();
    private readonly ReceptionStatistics _statistics = new();
    private readonly List<TrackForwarder> _forwarders = [];
    private readonly int _clockRateOfSilence;
    private byte _firNumber;
    private uint _keyframeTimestamp;
    private long _keyframe = -1, _keyframeMs;
    private SenderReport? _senderReport;

    /// <summary>Makes a receiver.</summary>
    public TrackReceiver(TrackReceiverSettings settings)
    {
        Settings = settings;
        (Ssrc, RtxSsrc) = (settings.Ssrc, settings.RtxSsrc);
        _ring = new(settings.IsVideo ? VideoSlots : AudioSlots);
        _clockRateOfSilence = settings.IsVideo ? 90_000 : 48_000;
    }

    /// <summary>What was settled.</summary>
    public TrackReceiverSettings Settings { get; }

    /// <summary>Whatever its user wants to find again from it, per packet and without a look-up.</summary>
    public object? Owner { get; set; }

    /// <summary>Its SSRC, once known.</summary>
    public uint? Ssrc { get; internal set; }

    /// <summary>The SSRC of its retransmissions, once known.</summary>
    public uint? RtxSsrc { get; internal set; }

    /// <summary>The forwarders that want its packets, now or once a keyframe comes.</summary>
    public IReadOnlyList<TrackForwarder> Forwarders => _forwarders;

    /// <summary>The newest packet's position; -1 before the first.</summary>
    public long Highest { get; private set; } = -1;

    /// <summary>When the latest packet came; <see cref="long.MinValue"/> before the first.</summary>
    public long LastPacketMs { get; private set; } = long.MinValue;

    /// <summary>Payload bytes received.</summary>
    public long Octets { get; private set; }

    /// <summary>The round trip to the sender, which spaces repeated NACKs; the relay may better it.</summary>
    public long RoundTripMs { get; set; } = 100;

    /// <summary>The loss of the latest report interval, of 256.</summary>
    public byte FractionLost => _statistics.FractionLost;

    /// <summary>When the first packet of the latest keyframe came; 0 before the first.</summary>
    public long LatestKeyframeMs => _keyframeMs;

    /// <summary>Where the latest keyframe starts; -1 before the first.</summary>
    internal long LatestKeyframe => _keyframe;

    internal PacketRing Ring => _ring;

    internal bool IsVideo => Settings.IsVideo;

    /// <summary>What is known of a packet that was just stored.</summary>
    public ref readonly PacketInfo Info(long position) => ref _ring.Info(position);

    /// <summary>Whether a packet is there.</summary>
    public bool Has(long position) => _ring.Has(position);

    /// <summary>The payload of a packet that was just stored.</summary>
    public ReadOnlySpan<byte> Payload(long position) => _ring.Payload(position);

    /// <summary>Takes a packet of its own SSRC, in the clear.</summary>
    public TrackInput Receive(ReadOnlySpan<byte> packet, in RtpHeader header, long nowMs, out long position) => Store(packet, header, nowMs, isRecovered: false, out position);

    /// <summary>Takes a retransmission (RFC 4588), in the clear; its bytes are changed.</summary>
    public TrackInput ReceiveRetransmission(Span<byte> packet, in RtpHeader header, long nowMs, out long position)
    {
        position = -1;
        var original = Settings.Payloads.OriginalOf(header.PayloadType);
        if (original == PayloadTypeMap.None || Ssrc is not { } ssrc || !header.TryGetPayload(packet, out var payload)) return TrackInput.Malformed;
        if (payload.Length < 2 || Highest < 0) return TrackInput.Probe;
        var restored = RtxPackets.Restore(packet, header.Length, original, ssrc);
        return RtpHeader.TryParse(restored, out var inner) ? Store(restored, inner, nowMs, isRecovered: true, out position) : TrackInput.Malformed;
    }

    /// <summary>Somebody cannot decode without a keyframe.</summary>
    public void RequestKeyframe()
    {
        if (IsVideo) _keyframes.Want();
    }

    /// <summary>Whether a keyframe is to be made now, for a track that is made here: its makers ask for it where feedback to a sender would be written.</summary>
    public bool TakeKeyframeRequest(long nowMs) => _keyframes.TryTake(nowMs);

    /// <summary>Takes the track's sender report.</summary>
    public void OnSenderReport(in SenderReport report, ulong ourNtp, long nowMs)
    {
        _senderReport = report;
        _statistics.OnSenderReport(report.Ntp, nowMs);
        Settings.Clock.Observe(report.Ntp, ourNtp);
    }

    /// <summary>The block that reports on this track; false before its first packet.</summary>
    public bool TryTakeReport(long nowMs, out ReportBlock block)
    {
        block = default;
        return Ssrc is { } ssrc && _statistics.TryTake(ssrc, nowMs, out block);
    }

    /// <summary>Adds the NACK and keyframe request that are due; the compound has begun with a report.</summary>
    /// <returns>Whether anything was added.</returns>
    public bool WriteFeedback(ref RtcpWriter rtcp, long nowMs)
    {
        if (Ssrc is not { } ssrc) return false;
        var before = rtcp.Length;
        if (_losses.Count > 0)
        {
            Span<ushort> lost = stackalloc ushort[64];
            rtcp.AddNack(Settings.LocalSsrc, ssrc, lost[.._losses.TakeDue(lost, nowMs, RoundTripMs)]);
        }

        if (Highest >= 0 && _keyframes.TryTake(nowMs))
        {
            if (Settings.Payloads.HasFullIntraRequest && !Settings.Payloads.HasPictureLoss) rtcp.AddFullIntraRequest(Settings.LocalSsrc, ssrc, _firNumber++);
            else rtcp.AddPictureLoss(Settings.LocalSsrc, ssrc);
        }

        return rtcp.Length > before;
    }

    /// <summary>The track ends: whoever it feeds is left without source.</summary>
    public void End(long nowMs)
    {
        while (_forwarders.Count > 0) _forwarders[^1].Drop(this, nowMs);
    }

    /// <summary>Where a joiner may start: the latest keyframe if it is under 500 ms old and wholly here.</summary>
    internal bool TryFindFreshKeyframe(long nowMs, out long position)
    {
        position = _keyframe;
        return _keyframe >= 0 && nowMs - _keyframeMs < FreshKeyframeMs && Highest - _keyframe < _ring.Slots / 2 && _ring.Has(_keyframe);
    }

    /// <summary>The timestamp of this track at a moment of our clock; false before the first sender report.</summary>
    internal bool TryTimestampAt(ulong ourNtp, out uint timestamp)
    {
        timestamp = 0;
        if (_senderReport is not { } report) return false;
        var seconds = (long)(ourNtp - Settings.Clock.ToOurs(report.Ntp)) / 4294967296.0;
        timestamp = report.RtpTimestamp + (uint)(long)(seconds * ClockRate);
        return true;
    }

    /// <summary>When a timestamp of this track was, on our clock; false before the first sender report.</summary>
    public bool TryTimeOf(uint timestamp, out ulong ourNtp)
    {
        ourNtp = 0;
        if (_senderReport is not { } report) return false;
        ourNtp = Settings.Clock.ToOurs(report.Ntp) + (ulong)(long)((int)(timestamp - report.RtpTimestamp) * (4294967296.0 / ClockRate));
        return true;
    }

    internal int ClockRate => Highest >= 0 && Settings.Payloads.CodecOf(_ring.Info(Highest).PayloadType) is { } codec ? codec.ClockRate : _clockRateOfSilence;

    internal void Add(TrackForwarder forwarder)
    {
        if (!_forwarders.Contains(forwarder)) _forwarders.Add(forwarder);
    }

    internal void Remove(TrackForwarder forwarder) => _forwarders.Remove(forwarder);

    private TrackInput Store(ReadOnlySpan<byte> packet, in RtpHeader header, long nowMs, bool isRecovered, out long position)
    {
        // The first position leaves room for what was sent before it and comes later.
        position = Highest < 0 ? header.Sequence + 0x10000 : Highest + (short)(header.Sequence - (ushort)Highest);
        if (packet.Length > PacketRing.SlotSize || !header.TryGetPayload(packet, out var payload)) return TrackInput.Malformed;
        if (position <= Highest - _ring.Slots) return TrackInput.TooOld;
        if (_ring.Has(position)) return TrackInput.Duplicate;
        var codec = Settings.Payloads.CodecOf(header.PayloadType);
        var extensions = PacketExtensions.Read(packet, header, Settings.Extensions);
        var isVoid = codec is null || payload.IsEmpty;
        // H.264's parameter sets begin a keyframe, and where there are none its first slice does; no more of that picture is a place to begin at.
        var startsKeyframe = !isVoid && Keyframes.Starts(codec!.Format, payload) && !(codec.Format == PayloadFormat.H264 && position > _keyframe && IsOfLatestKeyframe(header.Timestamp));
        _ring.Store(packet, new()
        {
            Position = position,
            ArrivalMs = nowMs,
            Timestamp = header.Timestamp,
            HeaderLength = (ushort)header.Length,
            PayloadLength = (ushort)payload.Length,
            PayloadType = header.PayloadType,
            Marker = header.Marker,
            IsVoid = isVoid,
            StartsKeyframe = startsKeyframe,
            AudioLevel = extensions.AudioLevel,
            VideoOrientation = extensions.VideoOrientation,
            Format = codec?.Format ?? PayloadFormat.Opaque,
        });
        Octets += payload.Length;
        LastPacketMs = nowMs;
        if (!isRecovered) _statistics.OnPacket(position, header.Timestamp, nowMs, codec?.ClockRate ?? _clockRateOfSilence);
        Advance(position, nowMs);
        if (IsVideo && startsKeyframe && (position > _keyframe || IsOfLatestKeyframe(header.Timestamp)))
        {
            (_keyframe, _keyframeMs, _keyframeTimestamp) = (position, nowMs, header.Timestamp);
            _keyframes.OnKeyframe();
        }

        return TrackInput.Stored;
    }

    private bool IsOfLatestKeyframe(uint timestamp) => _keyframe >= 0 && timestamp == _keyframeTimestamp;

    private void Advance(long position, long nowMs)
    {
        if (position < Highest)
        {
            _losses.Remove(position);
            return;
        }

        if (Highest >= 0 && position > Highest + 1 && Settings.Payloads.HasNack && !_losses.Add(Highest + 1, position, nowMs)) RequestKeyframe();
        Highest = position;
    }
}
