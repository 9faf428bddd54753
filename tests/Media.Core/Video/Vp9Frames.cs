namespace Parley.tests.Media.Core.Video;

/// <summary>VP9 frames that say what a hostile sender would: heads by the bitstream specification (section 6.2), and chance behind, which decodes to something.</summary>
internal static class Vp9Frames
{
    private const byte Part = 64;

    /// <summary>A frame that says its size.</summary>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="isKey">A keyframe, else one that refers to others.</param>
    /// <param name="isIntra">One that is not shown and refers to nothing, and is no keyframe.</param>
    /// <param name="reference">Which of its references has its size; null for none, so that it says it.</param>
    public static byte[] Make(int width, int height, bool isKey, bool isIntra = false, int? reference = null)
    {
        var bits = new List<bool>();
        void Put(int value, int count)
        {
            for (var i = count - 1; i >= 0; i--) bits.Add(((value >> i) & 1) != 0);
        }

        Put(2, 2); // frame_marker
        Put(0, 2); // profile
        Put(0, 1); // show_existing_frame
        Put(isKey ? 0 : 1, 1);
        Put(isIntra ? 0 : 1, 1); // show_frame
        Put(0, 1); // error_resilient_mode
        if (!isKey)
        {
            if (isIntra) Put(1, 1);
            Put(0, 2); // reset_frame_context
        }

        if (isKey || isIntra) Put(0x498342, 24);
        if (isKey) Put(2, 4); // colours
        else Put(1, 8); // refresh_frame_flags
        if (!isKey && !isIntra)
        {
            Put(0, 12); // references
            for (var i = 0; i < 3 && i <= (reference ?? 2); i++) Put(i == reference ? 1 : 0, 1);
        }

        if (isKey || isIntra || reference is null)
        {
            Put(width - 1, 16);
            Put(height - 1, 16);
        }

        Put(0, 1); // render_and_frame_size_different
        if (!isKey && !isIntra) Put(1, 2); // allow_high_precision_mv, is_filter_switchable
        Put(0, 4); // refresh_frame_context, frame_parallel_decoding_mode, frame_context_idx
        Put(0, 10); // loop filter
        Put(40, 8); // base_q_idx
        Put(0, 3);
        Put(0, 1); // segmentation
        Put(0, 2); // no more tiles than there must be
        Put(Part, 16); // header_size_in_bytes
        while (bits.Count % 8 != 0) bits.Add(false);
        var head = new byte[bits.Count / 8];
        for (var i = 0; i < bits.Count; i++) head[i / 8] |= (byte)(bits[i] ? 0x80 >> (i % 8) : 0);
        var random = new Random(3);
        var frame = new List<byte>([.. head, .. Chance(random)]);
        var tiles = 1;
        while (64 * tiles < (width + 63) / 64) tiles *= 2;
        for (; tiles > 1; tiles--) frame.AddRange([0, 0, 0, Part, .. Chance(random)]);
        frame.AddRange(Chance(random));
        frame[^1] = 0; // no marker of an index
        return [.. frame];
    }

    // What the arithmetic decoder takes: its first bit is none.
    private static byte[] Chance(Random random)
    {
        var bytes = new byte[Part];
        random.NextBytes(bytes);
        bytes[0] &= 0x7F;
        return bytes;
    }

    /// <summary>Several frames in one payload, with their index (annex B).</summary>
    public static byte[] Together(params byte[][] frames)
    {
        var marker = (byte)(0xC0 | (3 << 3) | (frames.Length - 1));
        return [.. frames.SelectMany(f => f), marker, .. frames.SelectMany(f => BitConverter.GetBytes(f.Length)), marker];
    }
}
