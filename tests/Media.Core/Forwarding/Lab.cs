using System.Buffers.Binary;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtcp;
using Parley.Media.Core.Rtp;

namespace Parley.tests.Media.Core.Forwarding;

/// <summary>A sender of VP8 (or audio) packets for tests, on clocks of its own.</summary>
internal sealed class VideoSource(uint ssrc, ushort firstSequence, uint firstTimestamp, int firstPicture = 100, byte payloadType = 96)
{
    public static readonly LegPayload Vp8 = new(96, "VP8", 90_000, [], ["nack", "nack pli", "ccm fir"], 97);
    public static readonly LegPayload Opus = new(111, "opus", 48_000, [], []);
    public static readonly ExtensionMap Extensions = new([(1, ExtensionMap.AudioLevelUri), (2, ExtensionMap.AbsSendTimeUri), (3, ExtensionMap.TransportSequenceUri), (4, ExtensionMap.MidUri)]);

    private ushort _sequence = firstSequence;
    private uint _timestamp = firstTimestamp;
    private int _picture = firstPicture;

    public uint Ssrc { get; } = ssrc;

    public static TrackReceiver Track(uint? ssrc, bool isVideo = true, string? mid = null, uint? rtx = null, SourceClock? clock = null, params LegPayload[] payloads) => new(new()
    {
        IsVideo = isVideo,
        Ssrc = ssrc,
        RtxSsrc = rtx,
        Mid = mid,
        Payloads = new(payloads.Length > 0 ? payloads : [isVideo ? Vp8 : Opus]),
        Extensions = Extensions,
        Clock = clock ?? new(),
        LocalSsrc = 1,
    });

    public static TrackForwarder Slot(uint ssrc, uint? rtx = null, bool isVideo = true, int seed = 1, params LegPayload[] payloads) => new(new()
    {
        IsVideo = isVideo,
        Ssrc = ssrc,
        RtxSsrc = rtx,
        Mid = "v0",
        Cname = "cname",
        Payloads = new(payloads.Length > 0 ? payloads : [isVideo ? new(120, "vp8", 90_000, [], ["nack", "nack pli"], rtx is null ? null : 121) : new(9, "OPUS", 48_000, [], [])]),
        Extensions = new([(7, ExtensionMap.MidUri), (8, ExtensionMap.AudioLevelUri)]),
    }, new Random(seed));

    /// <summary>A frame of some packets; its payload bytes tell frame and packet.</summary>
    public List<byte[]> Frame(bool isKeyframe, int packets = 3, uint step = 3000)
    {
        _timestamp += step;
        _picture = (_picture + 1) & 0x7FFF;
        var frame = new List<byte[]>();
        for (var i = 0; i < packets; i++)
        {
            var packet = Header(60, i == packets - 1);
            var payload = packet.AsSpan(12);
            // X, S; I, L, T; a picture id of 15 bits; TL0PICIDX; temporal layer; then VP8's own first byte.
            (payload[0], payload[1], payload[4], payload[5]) = ((byte)(i == 0 ? 0x90 : 0x80), 0xE0, (byte)_picture, 0x20);
            BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(0x8000 | _picture));
            payload[6] = (byte)(i == 0 && isKeyframe ? 0 : 1);
            BinaryPrimitives.WriteInt32BigEndian(payload[8..], _picture);
            payload[12] = (byte)i;
            frame.Add(packet);
        }

        return frame;
    }

    /// <summary>A packet without payload, as a bandwidth probe is.</summary>
    public byte[] Padding()
    {
        var packet = Header(4, false);
        packet[0] |= 0x20;
        packet[^1] = 4;
        return packet;
    }

    /// <summary>A packet of another payload type.</summary>
    public byte[] Foreign(byte type)
    {
        var packet = Header(10, false);
        packet[1] = type;
        return packet;
    }

    /// <summary>What RFC 4588 makes of a packet.</summary>
    public static byte[] Retransmission(byte[] packet, uint rtxSsrc, ushort sequence, byte type = 97)
    {
        var rtx = new byte[packet.Length + 2];
        packet.AsSpan(0, 12).CopyTo(rtx);
        packet.AsSpan(12).CopyTo(rtx.AsSpan(14));
        rtx[1] = (byte)((packet[1] & 0x80) | type);
        packet.AsSpan(2, 2).CopyTo(rtx.AsSpan(12));
        BinaryPrimitives.WriteUInt16BigEndian(rtx.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(rtx.AsSpan(8), rtxSsrc);
        return rtx;
    }

    private byte[] Header(int payload, bool marker)
    {
        var packet = new byte[12 + payload];
        (packet[0], packet[1]) = (0x80, (byte)((marker ? 0x80 : 0) | payloadType));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), _sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), _timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), Ssrc);
        return packet;
    }
}

/// <summary>A packet that came out, taken apart.</summary>
internal sealed record Outgoing(byte[] Bytes, RtpHeader Header, byte[] Payload, int Picture, int Tl0, int Frame, int Part)
{
    public static Outgoing Of(ReadOnlySpan<byte> bytes)
    {
        Assert.True(RtpHeader.TryParse(bytes, out var header));
        Assert.True(header.TryGetPayload(bytes, out var payload));
        var isVp8 = Vp8Descriptor.TryParse(payload, out var vp8) && payload.Length >= 13;
        return new(bytes.ToArray(), header, payload.ToArray(), vp8.PictureId, vp8.Tl0, isVp8 ? BinaryPrimitives.ReadInt32BigEndian(payload[8..]) : 0, isVp8 ? payload[12] : 0);
    }
}

internal static class Flow
{
    public static TrackInput Feed(this TrackReceiver track, byte[] packet, long nowMs, List<Outgoing>? output = null)
    {
        Assert.True(RtpHeader.TryParse(packet, out var header));
        var input = track.Receive(packet, header, nowMs, out var position);
        if (input == TrackInput.Stored) Forward(track, position, nowMs, output);
        return input;
    }

    public static void Forward(TrackReceiver track, long position, long nowMs, List<Outgoing>? output)
    {
        foreach (var slot in track.Forwarders)
        {
            slot.Offer(track, position, nowMs);
            slot.Drain(nowMs, output);
        }
    }

    public static void Drain(this TrackForwarder slot, long nowMs, List<Outgoing>? output)
    {
        var room = new byte[TrackForwarder.MaxPacket + 16];
        for (int length; (length = slot.WriteNext(room, nowMs)) > 0;)
        {
            slot.Sent(room.AsSpan(0, length));
            output?.Add(Outgoing.Of(room.AsSpan(0, length)));
        }
    }

    /// <summary>The feedback that a track wants sent now.</summary>
    public static (List<ushort> Lost, int Plis) Feedback(this TrackReceiver track, long nowMs)
    {
        var writer = new RtcpWriter(new byte[1200]);
        track.WriteFeedback(ref writer, nowMs);
        var (lost, plis) = (new List<ushort>(), 0);
        Span<ushort> some = stackalloc ushort[17];
        foreach (var packet in RtcpReader.Read(writer.Written))
        {
            if (packet.Kind == RtcpKind.PictureLoss) plis++;
            for (var i = 0; packet.Kind == RtcpKind.Nack && i < packet.NackCount; i++) lost.AddRange(some[..packet.ReadNack(i, some)]);
        }

        return (lost, plis);
    }
}
