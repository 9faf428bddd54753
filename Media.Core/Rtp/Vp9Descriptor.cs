namespace Parley.Media.Core.Rtp;

/// <summary>The VP9 payload descriptor (RFC 9628 section 4.2).</summary>
public readonly record struct Vp9Descriptor
{
    /// <summary>Where the VP9 data starts, from the payload's start.</summary>
    public int Length { get; private init; }

    /// <summary>Whether the frame is predicted from an earlier picture.</summary>
    public bool IsInterPicture { get; private init; }

    /// <summary>Whether the packet is the first of a frame of its spatial layer.</summary>
    public bool StartsFrame { get; private init; }

    /// <summary>Whether the packet is the last of a frame of its spatial layer.</summary>
    public bool EndsFrame { get; private init; }

    /// <summary>The spatial layer.</summary>
    public int SpatialLayer { get; private init; }

    /// <summary>Reads a descriptor.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out Vp9Descriptor descriptor)
    {
        descriptor = default;
        if (payload.IsEmpty) return false;
        var first = payload[0];
        var (at, layer) = (1, 0);
        if ((first & 0x80) != 0) at += payload.Length > 1 && (payload[1] & 0x80) != 0 ? 2 : 1; // I: the picture id
        if ((first & 0x20) != 0)
        {
            // L: the layers, and without F the index of the lowest temporal one.
            if (payload.Length <= at) return false;
            layer = (payload[at] >> 1) & 7;
            at += (first & 0x10) == 0 ? 2 : 1;
        }

        if ((first & 0x50) == 0x50)
        {
            // F and P: up to three references, the last without N.
            for (var i = 0; i < 3; i++)
            {
                if (payload.Length <= at) return false;
                if ((payload[at++] & 1) == 0) break;
            }
        }

        if ((first & 0x02) != 0 && !TrySkipStructure(payload, ref at)) return false;
        if (payload.Length <= at) return false; // a descriptor without data
        descriptor = new() { Length = at, IsInterPicture = (first & 0x40) != 0, StartsFrame = (first & 0x08) != 0, EndsFrame = (first & 0x04) != 0, SpatialLayer = layer };
        return true;
    }

    // V: the scalability structure (section 4.2.1).
    private static bool TrySkipStructure(ReadOnlySpan<byte> payload, ref int at)
    {
        if (payload.Length <= at) return false;
        var bits = payload[at++];
        if ((bits & 0x10) != 0) at += 4 * ((bits >> 5) + 1); // Y: width and height of each layer
        if ((bits & 0x08) == 0) return true;
        if (payload.Length <= at) return false;
        for (var pictures = payload[at++]; pictures > 0; pictures--)
        {
            if (payload.Length <= at) return false;
            at += 1 + ((payload[at] >> 2) & 3);
        }

        return true;
    }
}
