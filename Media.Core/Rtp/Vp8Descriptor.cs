using System.Buffers.Binary;

namespace Parley.Media.Core.Rtp;

/// <summary>The VP8 payload descriptor (RFC 7741 section 4.2). Offsets count from the payload's start.</summary>
public readonly record struct Vp8Descriptor
{
    /// <summary>Where the VP8 data starts.</summary>
    public int Length { get; private init; }

    /// <summary>Where the picture id is; 0 if there is none.</summary>
    public int PictureIdOffset { get; private init; }

    /// <summary>Whether the picture id has 15 bits, not 7.</summary>
    public bool IsWide { get; private init; }

    /// <summary>The picture id.</summary>
    public ushort PictureId { get; private init; }

    /// <summary>Where TL0PICIDX is; 0 if there is none.</summary>
    public int Tl0Offset { get; private init; }

    /// <summary>TL0PICIDX.</summary>
    public byte Tl0 { get; private init; }

    /// <summary>Whether the packet is the first of a frame.</summary>
    public bool StartsFrame { get; private init; }

    /// <summary>Whether the packet is the first of a keyframe.</summary>
    public bool StartsKeyframe { get; private init; }

    /// <summary>Reads a descriptor.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out Vp8Descriptor descriptor)
    {
        descriptor = default;
        if (payload.IsEmpty) return false;
        var first = payload[0];
        var at = 1;
        var (pictureIdOffset, isWide, pictureId, tl0Offset) = (0, false, (ushort)0, 0);
        if ((first & 0x80) != 0)
        {
            if (payload.Length < 2) return false;
            var bits = payload[at++];
            if ((bits & 0x80) != 0)
            {
                if (payload.Length <= at) return false;
                pictureIdOffset = at;
                isWide = (payload[at] & 0x80) != 0;
                if (isWide && payload.Length <= at + 1) return false;
                pictureId = isWide ? (ushort)(BinaryPrimitives.ReadUInt16BigEndian(payload[at..]) & 0x7FFF) : payload[at];
                at += isWide ? 2 : 1;
            }

            if ((bits & 0x40) != 0) tl0Offset = at++;
            if ((bits & 0x30) != 0) at++;
        }

        if (payload.Length <= at) return false; // a descriptor without data
        var starts = (first & 0x10) != 0 && (first & 0x07) == 0;
        descriptor = new()
        {
            Length = at,
            PictureIdOffset = pictureIdOffset,
            IsWide = isWide,
            PictureId = pictureId,
            Tl0Offset = tl0Offset,
            Tl0 = tl0Offset > 0 ? payload[tl0Offset] : (byte)0,
            StartsFrame = starts,
            StartsKeyframe = starts && (payload[at] & 1) == 0, // RFC 7741 section 4.3: P
        };
        return true;
    }

    /// <summary>Overwrites picture id and TL0PICIDX in a copy of the payload, where it has them.</summary>
    public void Rewrite(Span<byte> payload, int pictureId, int tl0)
    {
        if (PictureIdOffset > 0 && IsWide) BinaryPrimitives.WriteUInt16BigEndian(payload[PictureIdOffset..], (ushort)(pictureId | 0x8000));
        else if (PictureIdOffset > 0) payload[PictureIdOffset] = (byte)(pictureId & 0x7F);
        if (Tl0Offset > 0) payload[Tl0Offset] = (byte)tl0;
    }
}
