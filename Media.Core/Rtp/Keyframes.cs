using System.Buffers.Binary;

namespace Parley.Media.Core.Rtp;

/// <summary>How a codec's payload is looked into.</summary>
public enum PayloadFormat
{
    /// <summary>Every packet stands for itself: audio, and video formats that we do not know.</summary>
    Opaque,
    Vp8,
    Vp9,
    H264,
    Av1,
}

/// <summary>Tells whether a payload is where decoding can start.</summary>
public static class Keyframes
{
    /// <summary>Whether a keyframe starts in this payload.</summary>
    public static bool Starts(PayloadFormat format, ReadOnlySpan<byte> payload) => format switch
    {
        PayloadFormat.Vp8 => Vp8Descriptor.TryParse(payload, out var descriptor) && descriptor.StartsKeyframe,
        PayloadFormat.Vp9 => Vp9Starts(payload),
        PayloadFormat.H264 => H264Starts(payload),
        // AV1 RTP section 4.4: N says that a coded video sequence starts here.
        PayloadFormat.Av1 => payload.Length > 1 && (payload[0] & 0x08) != 0,
        _ => !payload.IsEmpty,
    };

    // RFC 9628 section 4.2: not predicted from an earlier picture, the start of a frame, and of the lowest spatial layer.
    private static bool Vp9Starts(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 2) return false;
        var first = payload[0];
        if ((first & 0x40) != 0 || (first & 0x08) == 0) return false;
        if ((first & 0x20) == 0) return true;
        var at = 1 + ((first & 0x80) == 0 ? 0 : (payload[1] & 0x80) != 0 ? 2 : 1);
        return payload.Length > at && (payload[at] & 0x0E) == 0;
    }

    // RFC 6184: a sequence parameter set or an IDR slice, alone (5.6), aggregated (5.7.1) or the first of fragments (5.8).
    private static bool H264Starts(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 2) return false;
        switch (payload[0] & 0x1F)
        {
            case 5 or 7:
                return true;
            case 24:
                for (var rest = payload[1..]; rest.Length > 2;)
                {
                    if ((rest[2] & 0x1F) is 5 or 7) return true;
                    var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
                    if (length == 0 || rest.Length < 2 + length) return false;
                    rest = rest[(2 + length)..];
                }

                return false;
            case 28:
                return (payload[1] & 0x80) != 0 && (payload[1] & 0x1F) is (5 or 7);
            default:
                return false;
        }
    }
}
