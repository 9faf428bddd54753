using System.Buffers.Binary;

namespace Parley.Media.Core.Rtp;

/// <summary>What a packet's header extensions say, read once; -1 stands for absent.</summary>
public struct PacketExtensions
{
    /// <summary>RFC 6464: bit 7 says voice, the lower bits are the level in -dBov.</summary>
    public short AudioLevel { get; private set; }

    /// <summary>The transport-wide sequence number.</summary>
    public int TransportSequence { get; private set; }

    /// <summary>The coordination byte of 3GPP TS 26.114.</summary>
    public short VideoOrientation { get; private set; }

    private int MidOffset { get; set; }

    private int MidLength { get; set; }

    /// <summary>The media identification; empty if absent.</summary>
    public readonly ReadOnlySpan<byte> Mid(ReadOnlySpan<byte> packet) => packet.Slice(MidOffset, MidLength);

    /// <summary>Reads the extensions of a packet; a malformed block is read as far as it makes sense.</summary>
    public static PacketExtensions Read(ReadOnlySpan<byte> packet, in RtpHeader header, ExtensionMap map)
    {
        var values = new PacketExtensions { AudioLevel = -1, TransportSequence = -1, VideoOrientation = -1 };
        if (header.ExtensionLength == 0) return values;
        var isOneByte = header.ExtensionProfile == 0xBEDE;
        if (!isOneByte && (header.ExtensionProfile & 0xFFF0) != 0x1000) return values;
        var (at, end) = (header.ExtensionOffset, header.ExtensionOffset + header.ExtensionLength);
        while (at < end)
        {
            int id, length;
            if (packet[at] == 0)
            {
                at++; // padding
                continue;
            }

            if (isOneByte)
            {
                (id, length) = (packet[at] >> 4, (packet[at] & 15) + 1);
                if (id == 15) break; // RFC 8285 section 4.2: stop here
                at++;
            }
            else
            {
                if (at + 1 >= end) break;
                (id, length) = (packet[at], packet[at + 1]);
                at += 2;
            }

            if (at + length > end) break;
            values.Take(map.KindOf(id), packet, at, length);
            at += length;
        }

        return values;
    }

    private void Take(RtpExtensionKind kind, ReadOnlySpan<byte> packet, int at, int length)
    {
        switch (kind)
        {
            case RtpExtensionKind.Mid when length <= 16:
                (MidOffset, MidLength) = (at, length);
                break;
            case RtpExtensionKind.AudioLevel when length >= 1:
                AudioLevel = packet[at];
                break;
            case RtpExtensionKind.TransportSequence when length >= 2:
                TransportSequence = BinaryPrimitives.ReadUInt16BigEndian(packet[at..]);
                break;
            case RtpExtensionKind.VideoOrientation when length >= 1:
                VideoOrientation = packet[at];
                break;
        }
    }
}
