using System.Buffers.Binary;

namespace Parley.bench.Forward;

/// <summary>A camera's packets as a browser sends them: VP8 frames of eight packets of 1,200 bytes, with the extensions that a call negotiates. Writes in place.</summary>
internal sealed class VideoFrames(uint ssrc)
{
    public const int Packets = 8, PacketLength = 1200, PayloadType = 96, RtxPayloadType = 97, TransportSequenceId = 3, MidId = 4;
    public const string Mid = "1";

    private const int ExtensionLength = 12, Header = 12 + ExtensionLength;

    private readonly byte[] _payload = MakePayload();
    private ushort _sequence = 1, _transportSequence = 1;
    private uint _timestamp = 1000;
    private int _picture, _packet;

    /// <summary>Whether the frames that begin now are keyframes.</summary>
    public bool AreKeyframes { get; set; }

    /// <summary>Writes the next packet.</summary>
    public int WriteNext(Span<byte> to)
    {
        if (_packet == 0) (_timestamp, _picture) = (_timestamp + 3000, (_picture + 1) & 0x7FFF);
        (to[0], to[1]) = (0x90, (byte)(PayloadType | (_packet == Packets - 1 ? 0x80 : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], _sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], _timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], ssrc);
        // RFC 8285, one-byte form: two words of transport-cc (2 bytes), mid (1 byte) and padding.
        BinaryPrimitives.WriteUInt32BigEndian(to[12..], 0xBEDE_0002);
        to[16] = (TransportSequenceId << 4) | 1;
        BinaryPrimitives.WriteUInt16BigEndian(to[17..], _transportSequence++);
        (to[19], to[20]) = (MidId << 4, (byte)Mid[0]);
        to[21..24].Clear();
        var payload = to[Header..PacketLength];
        _payload.CopyTo(payload);
        // RFC 7741: X and S; I, L and T; a picture id of 15 bits; TL0PICIDX; temporal layer 0. Then VP8's own first byte, whose lowest bit is 0 for a keyframe.
        (payload[0], payload[1], payload[4], payload[5]) = ((byte)(_packet == 0 ? 0x90 : 0x80), 0xE0, (byte)_picture, 0);
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(0x8000 | _picture));
        payload[6] = (byte)(_packet == 0 && AreKeyframes ? 0 : 1);
        _packet = (_packet + 1) % Packets;
        return PacketLength;
    }

    private static byte[] MakePayload()
    {
        var payload = new byte[PacketLength - Header];
        new Random(1).NextBytes(payload);
        return payload;
    }
}
