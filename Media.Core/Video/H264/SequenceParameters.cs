namespace Parley.Media.Core.Video.H264;

/// <summary>What a sequence parameter set (ITU-T H.264 section 7.3.2.1.1) says of the pictures that follow.</summary>
/// <param name="Profile">profile_idc: 66 is baseline.</param>
/// <param name="Constraints">The constraint flags; constraint_set0 is the highest bit.</param>
/// <param name="Level">level_idc: ten times the level.</param>
/// <param name="Width">Pixels that are shown.</param>
/// <param name="Height">Pixels that are shown.</param>
/// <param name="CodedArea">Pixels that are coded.</param>
/// <param name="References">How many such pictures a decoder keeps to refer to.</param>
public readonly record struct SequenceParameters(int Profile, int Constraints, int Level, int Width, int Height, long CodedArea, int References)
{
    // What is larger than this in macroblocks in either direction is in no level (table A-1).
    private const uint MaxMacroblocks = 1_055;

    /// <summary>Reads a NAL unit of type 7.</summary>
    public static bool TryRead(ReadOnlySpan<byte> unit, out SequenceParameters parameters)
    {
        parameters = default;
        if (unit.IsEmpty || NalUnit.TypeOf(unit[0]) != NalUnit.SequenceParameters) return false;
        var bits = new UnitBits(unit[1..]);
        var (profile, constraints, level) = ((int)bits.Read(8), (int)bits.Read(8), (int)bits.Read(8));
        if (bits.ReadUnsigned() > 31) return false; // seq_parameter_set_id
        uint chroma = 1;
        if (HasChroma(profile) && !TryReadChroma(ref bits, out chroma)) return false;
        bits.ReadUnsigned(); // log2_max_frame_num_minus4
        if (!TrySkipOrder(ref bits)) return false;
        var references = bits.ReadUnsigned();
        if (references > 16) return false; // max_num_ref_frames, by MaxDpbFrames
        bits.Read(1); // gaps_in_frame_num_value_allowed_flag
        var (columns, rows) = (bits.ReadUnsigned(), bits.ReadUnsigned());
        if (columns >= MaxMacroblocks || rows >= MaxMacroblocks) return false;
        var fields = bits.Read(1) != 0 ? 1u : 2u; // frame_mbs_only_flag
        if (fields == 2) bits.Read(1); // mb_adaptive_frame_field_flag
        bits.Read(1); // direct_8x8_inference_flag
        var (width, height) = ((long)(columns + 1) * 16, (long)(rows + 1) * 16 * fields);
        var area = width * height;
        if (bits.Read(1) != 0)
        {
            // Section 7.4.2.1.1: in units of colour samples.
            var (unitX, unitY) = (chroma is 1 or 2 ? 2L : 1, (chroma == 1 ? 2L : 1) * fields);
            width -= unitX * ((long)bits.ReadUnsigned() + bits.ReadUnsigned());
            height -= unitY * ((long)bits.ReadUnsigned() + bits.ReadUnsigned());
        }

        if (bits.IsOver || width <= 0 || height <= 0) return false;
        parameters = new(profile, constraints, level, (int)width, (int)height, area, (int)references);
        return true;
    }

    private static bool HasChroma(int profile) => profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    private static bool TryReadChroma(ref UnitBits bits, out uint chroma)
    {
        chroma = bits.ReadUnsigned();
        if (chroma > 3) return false;
        if (chroma == 3) bits.Read(1);
        bits.ReadUnsigned(); // bit_depth_luma_minus8
        bits.ReadUnsigned(); // bit_depth_chroma_minus8
        bits.Read(1);
        if (bits.Read(1) == 0) return true; // seq_scaling_matrix_present_flag
        for (var i = 0; i < (chroma == 3 ? 12 : 8); i++)
        {
            if (bits.Read(1) != 0) SkipScalingList(ref bits, i < 6 ? 16 : 64);
        }

        return !bits.IsOver;
    }

    // Section 7.3.2.1.1.1.
    private static void SkipScalingList(ref UnitBits bits, int size)
    {
        var (last, next) = (8, 8);
        for (var i = 0; i < size && next != 0; i++)
        {
            next = (last + bits.ReadSigned()) & 255;
            if (next != 0) last = next;
        }
    }

    // pic_order_cnt_type and what belongs to it.
    private static bool TrySkipOrder(ref UnitBits bits)
    {
        switch (bits.ReadUnsigned())
        {
            case 0:
                bits.ReadUnsigned();
                return true;
            case 1:
                bits.Read(1);
                bits.ReadUnsigned();
                bits.ReadUnsigned();
                var count = bits.ReadUnsigned();
                if (count > 255) return false;
                for (; count > 0; count--) bits.ReadUnsigned();
                return true;
            case 2:
                return true;
            default:
                return false;
        }
    }
}
