using System.Buffers.Binary;

namespace Parley.Media.Core.Rtp;

/// <summary>A packet's RTP header (RFC 3550 section 5.1), its bounds checked by <see cref="TryParse"/>. Offsets count from the packet's start.</summary>
public readonly record struct RtpHeader
{
    /// <summary>The fixed part's length.</summary>
    public const int MinLength = 12;

    private RtpHeader(int length, int extensionOffset, int extensionLength, ushort extensionProfile)
    {
        (Length, ExtensionOffset, ExtensionLength, ExtensionProfile) = (length, extensionOffset, extensionLength, extensionProfile);
    }

    /// <summary>Header, contributing sources and extension together: where the payload starts.</summary>
    public int Length { get; }

    /// <summary>Where the extension's data (after its 4 bytes of header) starts; 0 if there is none.</summary>
    public int ExtensionOffset { get; }

    /// <summary>The extension's data length.</summary>
    public int ExtensionLength { get; }

    /// <summary>The extension's profile: 0xBEDE is RFC 8285's one-byte form, 0x100x its two-byte form.</summary>
    public ushort ExtensionProfile { get; }

    /// <summary>The marker bit.</summary>
    public bool Marker { get; private init; }

    /// <summary>The payload type.</summary>
    public byte PayloadType { get; private init; }

    /// <summary>The sequence number.</summary>
    public ushort Sequence { get; private init; }

    /// <summary>The timestamp.</summary>
    public uint Timestamp { get; private init; }

    /// <summary>The synchronisation source.</summary>
    public uint Ssrc { get; private init; }

    /// <summary>Bytes of padding at the end; meaningful only once the packet is decrypted, see <see cref="TryGetPayload"/>.</summary>
    public bool HasPadding { get; private init; }

    /// <summary>Reads a header; the payload may be encrypted.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpHeader header)
    {
        header = default;
        if (packet.Length < MinLength || packet[0] >> 6 != 2) return false;
        var length = MinLength + 4 * (packet[0] & 0x0F);
        var (extensionOffset, extensionLength, profile) = (0, 0, (ushort)0);
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < length + 4) return false;
            profile = BinaryPrimitives.ReadUInt16BigEndian(packet[length..]);
            extensionLength = 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]);
            extensionOffset = length + 4;
            length = extensionOffset + extensionLength;
        }

        if (packet.Length < length) return false;
        header = new(length, extensionOffset, extensionLength, profile)
        {
            HasPadding = (packet[0] & 0x20) != 0,
            Marker = (packet[1] & 0x80) != 0,
            PayloadType = (byte)(packet[1] & 0x7F),
            Sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]),
            Timestamp = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]),
            Ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]),
        };
        return true;
    }

    /// <summary>The payload without padding, of a packet in the clear; false if the padding is longer than there is room for.</summary>
    public bool TryGetPayload(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> payload)
    {
        payload = packet[Length..];
        if (!HasPadding) return true;
        if (payload.IsEmpty || payload[^1] == 0 || payload[^1] > payload.Length) return false;
        payload = payload[..^payload[^1]];
        return true;
    }

    /// <summary>The extension's data.</summary>
    public ReadOnlySpan<byte> ExtensionData(ReadOnlySpan<byte> packet) => packet.Slice(ExtensionOffset, ExtensionLength);
}
