namespace Parley.Media.Core.Video.H264;

/// <summary>The types of NAL units (ITU-T H.264 table 7-1) and of what carries them in packets (RFC 6184 table 1), as far as they are told apart here.</summary>
internal static class NalUnit
{
    public const int Slice = 1, IdrSlice = 5, SequenceParameters = 7, PictureParameters = 8, LastSingle = 23, Aggregate = 24, Fragment = 28;

    /// <summary>The type in a unit's first byte.</summary>
    public static int TypeOf(byte first) => first & 0x1F;

    /// <summary>Whether the bit that must be zero is not.</summary>
    public static bool IsForbidden(byte first) => (first & 0x80) != 0;

    /// <summary>Whether a slice is its picture's first: first_mb_in_slice is 0, which is a one (section 7.3.3, 9.1).</summary>
    public static bool BeginsPicture(ReadOnlySpan<byte> slice) => slice.Length > 1 && (slice[1] & 0x80) != 0;
}
