using System.Buffers.Binary;

namespace Parley.Media.Core.Forwarding;

/// <summary>Retransmissions (RFC 4588): the original's payload behind its sequence number, under another SSRC.</summary>
internal static class RtxPackets
{
    /// <summary>Makes the original of a retransmission, in place.</summary>
    public static Span<byte> Restore(Span<byte> packet, int headerLength, byte payloadType, uint ssrc)
    {
        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[headerLength..]);
        packet[..headerLength].CopyTo(packet[2..]);
        var restored = packet[2..];
        restored[1] = (byte)((restored[1] & 0x80) | payloadType);
        BinaryPrimitives.WriteUInt16BigEndian(restored[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(restored[8..], ssrc);
        return restored;
    }
}
