using System.Buffers.Binary;
using System.Text;
using Parley.Media.Core.Rtcp;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Core.Forwarding;

/// <summary>What is settled about a slot that goes out.</summary>
public sealed record TrackForwarderSettings
{
    /// <summary>Video, else audio.</summary>
    public required bool IsVideo { get; init; }

    /// <summary>The outgoing SSRC.</summary>
    public required uint Ssrc { get; init; }

    /// <summary>The outgoing SSRC of retransmissions; null where RTX was not negotiated.</summary>
    public uint? RtxSsrc { get; init; }

    /// <summary>The mid; null if none.</summary>
    public string? Mid { get; init; }

    /// <summary>The CNAME, the same for all streams of the participant that feeds the slot's group.</summary>
    public required string Cname { get; init; }

    /// <summary>The leg's payload types.</summary>
    public required PayloadTypeMap Payloads { get; init; }

    /// <summary>The leg's extension ids.</summary>
    public required ExtensionMap Extensions { get; init; }

    /// <summary>The transport's; null where transport-cc was not negotiated or is not used.</summary>
    public TransportSequencer? Sequencer { get; init; }
}

/// <summary>How a NACK is answered.</summary>
public enum Resend
{
    /// <summary>Not: unknown, too old, or sent just now.</summary>
    None,
    /// <summary>With a packet in the clear: protect it, call <see cref="TrackForwarder.Sent"/>, send.</summary>
    Protect,
    /// <summary>With bytes that were protected the first time: send them untouched.</summary>
    AsIs,
}

/// <summary>
/// A slot that goes out: a stream with its own SSRC, sequence and clock, fed by whatever track is the source at the moment. One thread; nothing is allocated per packet.
/// Per source packet: <see cref="Offer"/>, then <see cref="WriteNext"/> until it gives 0.
/// </summary>
public sealed class TrackForwarder
{
    /// <summary>The longest packet written, without what SRTP adds; send slots have this and <see cref="Srtp.SrtpProfiles.MaxRtpTrailer"/> bytes.</summary>
    public const int MaxPacket = PacketRing.SlotSize + RtpRewriter.MaxHeader;

    private const long ResendIntervalMs = 20;

    private readonly TrackForwarderSettings _settings;
    private readonly RtpRewriter _rewriter;
    private readonly SequenceMap _map;
    private readonly RetransmissionBuffer? _buffer;
    private readonly byte[] _cname;
    private Continuity _continuity;
    private ushort _nextRtx;
    private TrackReceiver? _source, _pending;
    private byte[] _payloadTypes = [];
    private byte[]? _pendingPayloadTypes;
    private long _next, _last = -1;
    private uint _packets, _octets;

    /// <summary>Makes a slot. Sequence numbers start below 2^15, as each SSRC's rollover counter starts at 0.</summary>
    public TrackForwarder(TrackForwarderSettings settings, Random random)
    {
        _settings = settings;
        _rewriter = new(settings.Extensions, settings.Mid, settings.Sequencer);
        _map = new(settings.IsVideo ? 1024 : 128, (ushort)random.Next(1, 1 << 15));
        _continuity = new((uint)random.NextInt64(1L << 32));
        _nextRtx = (ushort)random.Next(1, 1 << 15);
        _buffer = settings.Payloads.HasNack && !HasRtx ? new() : null;
        _cname = Encoding.UTF8.GetBytes(settings.Cname);
        if (_cname.Length > 255) throw new ArgumentException("a CNAME has at most 255 bytes", nameof(settings));
    }

    /// <summary>What was settled.</summary>
    public TrackForwarderSettings Settings => _settings;

    /// <summary>Whatever its user wants to find again from it, per packet and without a look-up.</summary>
    public object? Owner { get; set; }

    /// <summary>The track that feeds the slot now.</summary>
    public TrackReceiver? Source => _source;

    /// <summary>The track that will, from its next keyframe on.</summary>
    public TrackReceiver? Pending => _pending;

    /// <summary>Packets sent, without retransmissions.</summary>
    public uint Packets => _packets;

    /// <summary>The receiver's round trip, from its reports; 0 before the first.</summary>
    public long RoundTripMs { get; private set; }

    /// <summary>The receiver's loss of its latest report, of 256.</summary>
    public byte FractionLost { get; private set; }

    /// <summary>How many reports the receiver has sent.</summary>
    public uint Reports { get; private set; }

    private bool HasRtx => _settings.RtxSsrc is not null && _settings.Payloads.HasRtx;

    /// <summary>Changes what feeds the slot; null pauses it. Video goes on with the old track until the new one has a keyframe. Drain <see cref="WriteNext"/> after.</summary>
    public void SetSource(TrackReceiver? track, long nowMs)
    {
        if (_pending is not null && _pending != _source) _pending.Remove(this);
        _pending = null;
        if (track == _source) return;
        if (track is null)
        {
            Drop(_source!, nowMs);
            return;
        }

        (_pending, _pendingPayloadTypes) = (track, _settings.Payloads.MapFrom(track.Settings.Payloads));
        track.Add(this);
        if (!_settings.IsVideo) return;
        if (track.TryFindFreshKeyframe(nowMs, out var keyframe)) Switch(keyframe, nowMs);
        else track.RequestKeyframe();
    }

    /// <summary>A track that feeds the slot, or would, has a new packet.</summary>
    public void Offer(TrackReceiver track, long position, long nowMs)
    {
        if (track == _source) (_next, _last) = (position, position);
        else if (track == _pending && CanStart(track, position)) Switch(position, nowMs);
        else (_next, _last) = (0, -1);
    }

    /// <summary>Writes the next packet that is due and returns its length; 0 when there is no more.</summary>
    public int WriteNext(Span<byte> to, long nowMs)
    {
        while (_next <= _last && _source is { } source)
        {
            var position = _next++;
            if (!source.Ring.Has(position)) continue;
            ref readonly var info = ref source.Ring.Info(position);
            var payloadType = _payloadTypes[info.PayloadType & 127];
            var highest = _map.HighestOutgoing;
            if (!_map.TryMap(position, info.IsVoid || payloadType == PayloadTypeMap.None, out var outgoing) || !_map.TryMarkSent(outgoing)) continue;
            return WriteFirst(to, info, source.Ring.Payload(position), payloadType, outgoing, outgoing > highest, nowMs);
        }

        return 0;
    }

    /// <summary>A packet that was written was protected into these bytes: kept where a resend has to be byte-identical.</summary>
    public void Sent(ReadOnlySpan<byte> wire)
    {
        if (_buffer is not null && wire.Length >= RtpHeader.MinLength) _buffer.Keep(BinaryPrimitives.ReadUInt16BigEndian(wire[2..]), wire);
    }

    /// <summary>The transport has new keys: what was protected with the old ones is forgotten.</summary>
    public void ForgetProtected() => _buffer?.Clear();

    /// <summary>Answers one lost packet of a NACK.</summary>
    public Resend WriteResend(ushort sequence, Span<byte> to, long nowMs, out int length)
    {
        length = 0;
        if (!_map.TryFind(sequence, out var outgoing, out var position) || !_map.TryResend(outgoing, nowMs, ResendIntervalMs)) return Resend.None;
        if (_buffer is not null && _buffer.TryGet(sequence, out var wire))
        {
            wire.CopyTo(to);
            length = wire.Length;
            return Resend.AsIs;
        }

        if (_source is not { } source || !source.Ring.Has(position)) return Resend.None;
        ref readonly var info = ref source.Ring.Info(position);
        var payloadType = _payloadTypes[info.PayloadType & 127];
        if (info.IsVoid || payloadType == PayloadTypeMap.None) return Resend.None;
        var payload = source.Ring.Payload(position);
        if (_map.TryMarkSent(outgoing)) length = WriteFirst(to, info, payload, payloadType, outgoing, isNewest: false, nowMs); // never sent so far, so no resend
        else if (HasRtx && _settings.Payloads.RtxOf(payloadType) is not PayloadTypeMap.None and var rtx) length = WriteRtx(to, info, payload, rtx, sequence, nowMs);
        return length > 0 ? Resend.Protect : Resend.None;
    }

    /// <summary>The receiver cannot decode without a keyframe.</summary>
    public void RequestKeyframe() => (_pending ?? _source)?.RequestKeyframe();

    /// <summary>Takes the receiver's report on this slot.</summary>
    public void OnReport(in ReportBlock block, ulong ourNtp)
    {
        FractionLost = block.FractionLost;
        Reports++;
        if (block.LastReport == 0) return;
        var trip = (uint)(ourNtp >> 16) - block.LastReport - block.DelaySinceLastReport;
        if (trip < 10 << 16) RoundTripMs = (long)trip * 1000 >> 16;
    }

    /// <summary>Adds the slot's sender report and CNAME, once something was sent and the source's clock is known.</summary>
    /// <returns>Whether it was added.</returns>
    public bool WriteSenderReport(ref RtcpWriter rtcp, ulong ourNtp)
    {
        if (_packets == 0 || _source is null || !_source.TryTimestampAt(ourNtp, out var timestamp)) return false;
        rtcp.AddSenderReport(new(_settings.Ssrc, ourNtp, timestamp + _continuity.TimestampOffset, _packets, _octets));
        rtcp.AddSourceDescription(_settings.Ssrc, _cname);
        return true;
    }

    /// <summary>Adds the goodbye of a slot that is freed; its compound has begun with a report.</summary>
    public void WriteBye(ref RtcpWriter rtcp)
    {
        rtcp.AddBye(_settings.Ssrc);
        if (_settings.RtxSsrc is { } rtx) rtcp.AddBye(rtx);
    }

    /// <summary>A track that feeds the slot, or would, is gone.</summary>
    internal void Drop(TrackReceiver track, long nowMs)
    {
        track.Remove(this);
        if (_pending == track) _pending = null;
        if (_source != track) return;
        (_source, _next, _last) = (null, 0, -1);
        _map.Start(long.MaxValue);
        _ = nowMs;
    }

    private bool CanStart(TrackReceiver track, long position)
    {
        ref readonly var info = ref track.Ring.Info(position);
        if (info.IsVoid || _pendingPayloadTypes![info.PayloadType & 127] == PayloadTypeMap.None) return false;
        return !_settings.IsVideo || info.StartsKeyframe;
    }

    private void Switch(long position, long nowMs)
    {
        var track = _pending!;
        if (!CanStart(track, position)) return;
        _source?.Remove(this);
        (_source, _pending, _payloadTypes) = (track, null, _pendingPayloadTypes!);
        _map.Start(position);
        _continuity.Start(track.Ring.Info(position), track.Ring.Payload(position), track.ClockRate, nowMs);
        // What overtook the keyframe's first packet, or came since it, follows at once.
        (_next, _last) = (position, track.Highest);
    }

    private int WriteFirst(Span<byte> to, in PacketInfo info, ReadOnlySpan<byte> payload, byte payloadType, long outgoing, bool isNewest, long nowMs)
    {
        _packets++;
        _octets += (uint)payload.Length;
        return Write(to, info, payload, payloadType, (ushort)outgoing, _settings.Ssrc, -1, isNewest, nowMs);
    }

    private int WriteRtx(Span<byte> to, in PacketInfo info, ReadOnlySpan<byte> payload, byte rtx, ushort sequence, long nowMs) =>
        Write(to, info, payload, rtx, _nextRtx++, _settings.RtxSsrc!.Value, sequence, isNewest: false, nowMs);

    private int Write(Span<byte> to, in PacketInfo info, ReadOnlySpan<byte> payload, byte payloadType, ushort sequence, uint ssrc, int original, bool isNewest, long nowMs)
    {
        var at = _rewriter.WriteHeader(to, payloadType, info.Marker, sequence, info.Timestamp + _continuity.TimestampOffset, ssrc, info, nowMs);
        if (original >= 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[at..], (ushort)original);
            at += 2;
        }

        payload.CopyTo(to[at..]);
        _continuity.Pass(info, to.Slice(at, payload.Length), isNewest, nowMs);
        return at + payload.Length;
    }
}
