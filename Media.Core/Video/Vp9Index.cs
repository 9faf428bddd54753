using System.Buffers.Binary;

namespace Parley.Media.Core.Video;

/// <summary>
/// The index at the end of VP9 data that holds several frames (bitstream specification, annex B): how many there are, and how long each is. A decoder that finds none goes on behind a frame with whatever
/// follows it, as if that were the next; where the frame ends only decoding tells. With an index, of one frame too, it decodes what the index names and nothing else.
/// </summary>
public static class Vp9Index
{
    /// <summary>The most frames that one index can name.</summary>
    public const int MostFrames = 8;

    private const int LengthBytes = 4, Mark = 0xC0, MarkBits = 0xE0;

    /// <summary>How many bytes <see cref="Write"/> needs.</summary>
    /// <param name="frames">1 to <see cref="MostFrames"/>.</param>
    public static int SizeOf(int frames) => 2 + (LengthBytes * frames);

    /// <summary>Reads the index.</summary>
    /// <param name="data">Everything that is given to a decoder at once.</param>
    /// <param name="lengths">Room for <see cref="MostFrames"/>: each frame's bytes, as the index says, which may be more than there are.</param>
    /// <returns>How many frames it names; 0 where there is none.</returns>
    public static int Read(ReadOnlySpan<byte> data, Span<int> lengths)
    {
        // A marker at both of its ends: how many frames there are, and in how many bytes each length stands.
        if (data.IsEmpty || (data[^1] & MarkBits) != Mark) return 0;
        var (count, width) = ((data[^1] & 7) + 1, ((data[^1] >> 3) & 3) + 1);
        var size = 2 + (count * width);
        if (data.Length < size || data[^size] != data[^1]) return 0;
        var index = data[^(size - 1)..];
        for (var i = 0; i < count; i++)
        {
            uint length = 0;
            for (var b = 0; b < width; b++) length |= (uint)index[(i * width) + b] << (8 * b);
            lengths[i] = (int)Math.Min(length, int.MaxValue);
        }

        return count;
    }

    /// <summary>Writes an index.</summary>
    /// <param name="lengths">Each frame's bytes; 1 to <see cref="MostFrames"/>.</param>
    /// <param name="target">Where it goes, behind the last frame; <see cref="SizeOf"/> bytes are written.</param>
    public static void Write(ReadOnlySpan<int> lengths, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfZero(lengths.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengths.Length, MostFrames);
        var marker = (byte)(Mark | ((LengthBytes - 1) << 3) | (lengths.Length - 1));
        target[0] = marker;
        for (var i = 0; i < lengths.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(target[(1 + (LengthBytes * i))..], lengths[i]);
        target[SizeOf(lengths.Length) - 1] = marker;
    }
}
