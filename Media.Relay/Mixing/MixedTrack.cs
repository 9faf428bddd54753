using System.Buffers.Binary;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Conferences;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Mixing;

/// <summary>What the mixer makes for a slot, or of a track for many slots, as a track like any other: numbered, clocked, and kept for whoever misses a packet. On the worker's thread.</summary>
internal sealed class MixedTrack
{
    private const byte PayloadType = 111;
    private const long ReportMs = 1_000;

    private readonly byte[] _packet = new byte[RtpHeader.MinLength + AudioFormat.MaxPayload];
    private readonly NtpClock _ntp;
    private ushort _sequence;
    private long _lastFrame = -1;
    private uint _packets, _octets;
    private long _nextReportMs = long.MinValue;

    /// <summary>Makes a track.</summary>
    /// <param name="codec">In what it is encoded.</param>
    /// <param name="ntp">The wall clock.</param>
    /// <param name="of">The track of which it is a translation; null for a mix.</param>
    public MixedTrack(MixCodec codec, NtpClock ntp, RelayTrack? of = null)
    {
        (Codec, Of, _ntp) = (codec, of, ntp);
        Receiver = new(new()
        {
            IsVideo = false,
            Ssrc = 1,
            Payloads = new PayloadTypeMap([new LegPayload(PayloadType, codec.Name, codec.ClockRate, [], [])]),
            Extensions = ExtensionMap.Empty,
            Clock = new SourceClock(),
            LocalSsrc = 1,
        });
        _packet[0] = 0x80;
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(8), 1);
    }

    /// <summary>In what it is encoded.</summary>
    public MixCodec Codec { get; }

    /// <summary>The track of which it is a translation; null for a mix.</summary>
    public RelayTrack? Of { get; }

    /// <summary>The track.</summary>
    public TrackReceiver Receiver { get; }

    /// <summary>The next frame is there.</summary>
    /// <param name="payload">Its payload.</param>
    /// <param name="frame">Its number among those of the mix: where some are missing it was silent.</param>
    /// <param name="capturedMs">When what is in it was captured, which its receivers are told so that the picture stays with it; null where that is not known.</param>
    /// <param name="nowMs">Now.</param>
    public void Deliver(ReadOnlySpan<byte> payload, long frame, long? capturedMs, long nowMs)
    {
        // RFC 3551 section 4.1: the marker bit says where silence ends.
        _packet[1] = (byte)(PayloadType | (_lastFrame >= 0 && frame != _lastFrame + 1 ? 0x80 : 0));
        var timestamp = (uint)frame * Codec.FrameStep;
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), _sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(4), timestamp);
        payload.CopyTo(_packet.AsSpan(RtpHeader.MinLength));
        _lastFrame = frame;
        var packet = _packet.AsSpan(0, RtpHeader.MinLength + payload.Length);
        if (!RtpHeader.TryParse(packet, out var header) || Receiver.Receive(packet, header, nowMs, out var position) != TrackInput.Stored) return;
        (_packets, _octets) = (_packets + 1, _octets + (uint)payload.Length);
        if (nowMs >= _nextReportMs)
        {
            _nextReportMs = nowMs + ReportMs;
            var ntp = _ntp.At(capturedMs ?? nowMs);
            Receiver.OnSenderReport(new(1, ntp, timestamp, _packets, _octets), ntp, nowMs);
        }

        var forwarders = Receiver.Forwarders;
        for (var i = 0; i < forwarders.Count; i++) ((RelayForwarder)forwarders[i].Owner!).Forward(Receiver, position, nowMs);
    }
}
