using System.Buffers.Binary;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>Pictures that are made here, as a track like any other: cut into packets, numbered, clocked, and kept for whoever misses one. On the worker's thread.</summary>
internal sealed class MadeVideo
{
    private const byte PayloadType = 96, Marker = 0x80;
    private const int ClockRate = 90_000;
    private const long ReportMs = 1_000, MaxDelayMs = 1_000;

    private readonly byte[] _packet = new byte[RtpHeader.MinLength + VideoPackets.MaxPayload];
    private readonly VideoPackets _cutter;
    private readonly NtpClock _ntp;
    private ushort _sequence;
    private uint _packets, _octets;
    private long _nextReportMs = long.MinValue;
    private double _delayMs = double.NaN;

    /// <summary>Makes the track of an output.</summary>
    /// <param name="id">The output.</param>
    /// <param name="coding">What it is made in.</param>
    /// <param name="ntp">The wall clock.</param>
    public MadeVideo(int id, VideoCoding coding, NtpClock ntp)
    {
        (Id, _cutter, _ntp) = (id, new(coding.Format, coding.HasSingleUnits), ntp);
        PayloadTypeMap payloads = new([coding.ToPayload(PayloadType)]);
        Receiver = new(new() { IsVideo = true, Ssrc = 1, Payloads = payloads, Extensions = ExtensionMap.Empty, Clock = new SourceClock(), LocalSsrc = 1 });
        _packet[0] = 0x80;
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(8), 1);
    }

    /// <summary>The output.</summary>
    public int Id { get; }

    /// <summary>The track.</summary>
    public TrackReceiver Receiver { get; }

    /// <summary>Whether somebody receives it, or is about to.</summary>
    public bool IsWatched => Receiver.Forwarders.Count > 0;

    /// <summary>The next frame is there.</summary>
    /// <param name="frame">It.</param>
    /// <param name="isKeyframe">Whether decoding can begin with it.</param>
    /// <param name="capturedMs">When what is to be seen on it was captured, which receivers are told so that it stays with the sound; null where that is not known.</param>
    /// <param name="nowMs">Now.</param>
    public void Deliver(ReadOnlySpan<byte> frame, bool isKeyframe, long? capturedMs, long nowMs)
    {
        NoteDelay(capturedMs, nowMs);
        var timestamp = (uint)(nowMs * (ClockRate / 1000));
        var (first, last) = (-1L, -1L);
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(4), timestamp);
        var count = _cutter.Begin(frame);
        if (count == 0) Receiver.RequestKeyframe(); // it cannot be sent: what follows could not be decoded
        for (var i = 0; i < count; i++)
        {
            _packet[1] = i == count - 1 ? (byte)(PayloadType | Marker) : PayloadType;
            BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), _sequence++);
            var length = RtpHeader.MinLength + _cutter.Write(_packet.AsSpan(RtpHeader.MinLength), frame, isKeyframe, i, count);
            if (!RtpHeader.TryParse(_packet.AsSpan(0, length), out var header) || Receiver.Receive(_packet.AsSpan(0, length), header, nowMs, out var position) != TrackInput.Stored) continue;
            if (first < 0) first = position;
            last = position;
        }

        if (first < 0) return;
        (_packets, _octets) = (_packets + (uint)count, _octets + (uint)frame.Length);
        Report(timestamp, nowMs);
        for (var i = 0; i < Receiver.Forwarders.Count; i++)
        {
            var forwarder = (RelayForwarder)Receiver.Forwarders[i].Owner!;
            for (var position = first; position <= last; position++) forwarder.Forward(Receiver, position, nowMs);
        }
    }

    // Single frames are sooner or later: what counts is what they are behind in the mean.
    private void NoteDelay(long? capturedMs, long nowMs)
    {
        if (capturedMs is not { } at) return;
        var delay = Math.Clamp(nowMs - at, 0, MaxDelayMs);
        _delayMs = double.IsNaN(_delayMs) ? delay : _delayMs + ((delay - _delayMs) * 0.1);
    }

    private void Report(uint timestamp, long nowMs)
    {
        if (nowMs < _nextReportMs) return;
        _nextReportMs = nowMs + ReportMs;
        var ntp = _ntp.At(nowMs - (double.IsNaN(_delayMs) ? 0 : (long)Math.Round(_delayMs)));
        Receiver.OnSenderReport(new(1, ntp, timestamp, _packets, _octets), ntp, nowMs);
    }
}
