namespace Parley.Media.Core.Video;

/// <summary>
/// How large the pictures are that VP9 data asks a decoder to make, read from the heads of its frames before any is decoded. Not only keyframes say a size: what refers to another frame may be sixteen
/// times as wide and as high (bitstream specification section 7.2), and one payload may hold several frames.
/// </summary>
public static class Vp9Claim
{
    private const int SyncCode = 0x498342, Srgb = 7, References = 3;

    /// <summary>The largest picture of those that say a size, in pixels; 0 where none does, as the size stays.</summary>
    /// <param name="data">One payload: a frame, or several with their <see cref="Vp9Index"/>. Without an index only the first frame is looked at: nothing else must get to a decoder.</param>
    public static long LargestArea(ReadOnlySpan<byte> data)
    {
        Span<int> lengths = stackalloc int[Vp9Index.MostFrames];
        var count = Vp9Index.Read(data, lengths);
        if (count == 0) return AreaOf(data);
        var largest = 0L;
        for (var i = 0; i < count && lengths[i] <= data.Length; i++)
        {
            largest = Math.Max(largest, AreaOf(data[..lengths[i]]));
            data = data[lengths[i]..];
        }

        return largest;
    }

    // Section 6.2: as much of the uncompressed header as comes before the size.
    private static long AreaOf(ReadOnlySpan<byte> frame)
    {
        var bits = new BitReader(frame);
        if (bits.Read(2) != 2) return 0;
        var profile = bits.Read(1) | (bits.Read(1) << 1);
        if (profile == 3) bits.Read(1);
        if (bits.Read(1) != 0) return 0; // shows a frame that is there already
        var isKey = bits.Read(1) == 0;
        var (isShown, isResilient) = (bits.Read(1) != 0, bits.Read(1) != 0);
        if (isKey) return bits.Read(24) == SyncCode ? SizeAfterColours(ref bits, profile) : 0;
        var isIntra = !isShown && bits.Read(1) != 0;
        if (!isResilient) bits.Read(2); // reset_frame_context
        if (isIntra)
        {
            if (bits.Read(24) != SyncCode) return 0;
            if (profile > 0) SkipColours(ref bits, profile);
            bits.Read(8); // refresh_frame_flags
            return Size(ref bits);
        }

        bits.Read(8 + (References * 4)); // refresh_frame_flags, and an index and a sign for each reference
        for (var i = 0; i < References; i++)
        {
            if (bits.Read(1) != 0) return 0; // as large as that one
        }

        return Size(ref bits);
    }

    private static long SizeAfterColours(ref BitReader bits, int profile)
    {
        SkipColours(ref bits, profile);
        return Size(ref bits);
    }

    private static void SkipColours(ref BitReader bits, int profile)
    {
        if (profile >= 2) bits.Read(1);
        var isSrgb = bits.Read(3) == Srgb;
        if (!isSrgb) bits.Read(1);
        if ((profile & 1) != 0) bits.Read(isSrgb ? 1 : 3);
    }

    private static long Size(ref BitReader bits) => (bits.Read(16) + 1L) * (bits.Read(16) + 1);
}
