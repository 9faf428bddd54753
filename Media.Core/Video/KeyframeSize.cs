using System.Buffers.Binary;
using Parley.Media.Core.Video.H264;

namespace Parley.Media.Core.Video;

/// <summary>How large the picture of a keyframe is, read from its head.</summary>
public static class KeyframeSize
{
    /// <summary>Of a VP8 keyframe (RFC 6386 section 9.1).</summary>
    public static bool TryReadVp8(ReadOnlySpan<byte> frame, out int width, out int height)
    {
        (width, height) = (0, 0);
        if (frame.Length < 10 || (frame[0] & 1) != 0 || frame[3] != 0x9D || frame[4] != 0x01 || frame[5] != 0x2A) return false;
        (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(frame[8..]) & 0x3FFF);
        return width > 0 && height > 0;
    }

    /// <summary>Of a VP9 keyframe (bitstream specification section 6.2).</summary>
    public static bool TryReadVp9(ReadOnlySpan<byte> frame, out int width, out int height)
    {
        (width, height) = (0, 0);
        var bits = new BitReader(frame);
        if (bits.Read(2) != 2) return false;
        var profile = bits.Read(1) | (bits.Read(1) << 1);
        if (profile == 3 && bits.Read(1) != 0) return false;
        if (bits.Read(1) != 0 || bits.Read(1) != 0) return false; // shows an existing frame, or is no keyframe
        bits.Read(2); // show_frame, error_resilient_mode
        if (bits.Read(24) != 0x498342) return false;
        if (profile >= 2) bits.Read(1);
        if (bits.Read(3) != 7)
        {
            bits.Read(1);
            if ((profile & 1) != 0) bits.Read(3);
        }
        else if ((profile & 1) != 0)
        {
            bits.Read(1);
        }

        (width, height) = (bits.Read(16) + 1, bits.Read(16) + 1);
        return !bits.IsOver;
    }

    /// <summary>Of an H.264 picture with its sequence parameter set, as a byte stream (annex B).</summary>
    public static bool TryReadH264(ReadOnlySpan<byte> frame, out int width, out int height)
    {
        (width, height) = (0, 0);
        var units = new AnnexB(frame);
        while (units.MoveNext())
        {
            if (!SequenceParameters.TryRead(units.Unit, out var parameters)) continue;
            (width, height) = (parameters.Width, parameters.Height);
            return true;
        }

        return false;
    }
}
