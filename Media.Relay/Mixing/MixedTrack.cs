using System.Buffers.Binary;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Conferences;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Mixing;

/// <summary>What the mixer makes for one slot, as a track like any other: numbered, clocked, and kept for whoever misses a packet. On the worker's thread.</summary>
internal sealed class MixedTrack
{
    private const byte PayloadType = 111;
    private const long ReportMs = 1_000;

    private static readonly PayloadTypeMap Payloads = new([new LegPayload(PayloadType, "opus", AudioFormat.SampleRate, [], [])]);

    private readonly byte[] _packet = new byte[RtpHeader.MinLength + AudioFormat.MaxPayload];
    private readonly RelayForwarder _forwarder;
    private readonly NtpClock _ntp;
    private ushort _sequence;
    private uint _timestamp, _packets, _octets;
    private long _nextReportMs = long.MinValue;

    /// <summary>Makes the track of a slot.</summary>
    public MixedTrack(RelayForwarder forwarder, NtpClock ntp)
    {
        (_forwarder, _ntp) = (forwarder, ntp);
        Receiver = new(new() { IsVideo = false, Ssrc = 1, Payloads = Payloads, Extensions = ExtensionMap.Empty, Clock = new SourceClock(), LocalSsrc = 1 });
        _packet[0] = 0x80;
        _packet[1] = PayloadType;
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(8), 1);
    }

    /// <summary>The track.</summary>
    public TrackReceiver Receiver { get; }

    /// <summary>The next 20 ms are there.</summary>
    public void Deliver(ReadOnlySpan<byte> payload, long nowMs)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), _sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(4), _timestamp += AudioFormat.FrameSamples);
        payload.CopyTo(_packet.AsSpan(RtpHeader.MinLength));
        var packet = _packet.AsSpan(0, RtpHeader.MinLength + payload.Length);
        if (!RtpHeader.TryParse(packet, out var header) || Receiver.Receive(packet, header, nowMs, out var position) != TrackInput.Stored) return;
        (_packets, _octets) = (_packets + 1, _octets + (uint)payload.Length);
        if (nowMs >= _nextReportMs)
        {
            _nextReportMs = nowMs + ReportMs;
            var ntp = _ntp.At(nowMs);
            Receiver.OnSenderReport(new(1, ntp, _timestamp, _packets, _octets), ntp, nowMs);
        }

        _forwarder.Forward(Receiver, position, nowMs);
    }
}
