using System.Buffers.Binary;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;

namespace Parley.tests.Media.Core.Video;

/// <summary>Frames on their way: cut into RTP packets.</summary>
internal sealed class FrameStream(PayloadFormat format, uint ssrc, ushort firstSequence = 65_500, byte payloadType = 96, bool singleUnits = false)
{
    private readonly VideoPackets _cutter = new(format, singleUnits);
    private ushort _sequence = firstSequence;

    /// <summary>A track that takes them.</summary>
    public static TrackReceiver Track(PayloadFormat format, uint ssrc) => new(new()
    {
        IsVideo = true,
        Ssrc = ssrc,
        Payloads = new([new LegPayload(96, format.ToString(), 90_000, [], ["nack", "nack pli"])]),
        Extensions = ExtensionMap.Empty,
        Clock = new(),
        LocalSsrc = 1,
    });

    /// <summary>The packets of the next frame.</summary>
    public List<byte[]> Cut(ReadOnlySpan<byte> frame, bool isKeyframe, uint timestamp)
    {
        var packets = new List<byte[]>();
        var count = _cutter.Begin(frame);
        for (var i = 0; i < count; i++)
        {
            var packet = new byte[12 + VideoPackets.MaxPayload];
            (packet[0], packet[1]) = (0x80, (byte)((i == count - 1 ? 0x80 : 0) | payloadType));
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), _sequence++);
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), timestamp);
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
            packets.Add(packet[..(12 + _cutter.Write(packet.AsSpan(12), frame, isKeyframe, i, count))]);
        }

        return packets;
    }

    /// <summary>Frames that tell their number in every byte; the first byte is such that VP8 takes it for what it is.</summary>
    public static byte[] Make(int number, int length, bool isKeyframe)
    {
        var frame = new byte[length];
        frame.AsSpan().Fill((byte)(number << 1));
        frame[0] = (byte)((number << 1) | (isKeyframe ? 0 : 1));
        return frame;
    }
}

/// <summary>Keeps what comes out.</summary>
internal sealed class FrameList : IVideoFrameSink
{
    public List<(VideoFrame Head, byte[] Data)> Frames { get; } = [];

    /// <summary>Whether nothing is taken.</summary>
    public bool IsFull { get; set; }

    public bool OnFrame(in VideoFrame frame, ReadOnlySpan<byte> data)
    {
        if (IsFull) return false;
        Frames.Add((frame, data.ToArray()));
        return true;
    }
}
