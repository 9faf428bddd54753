using System.Buffers;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Mixing;

namespace Parley.Media.Relay.Pictures;

/// <summary>An encoded frame between two threads, in a rented buffer that whoever is done with it gives back.</summary>
/// <param name="Id">The source or output that it is of.</param>
/// <param name="Head">What is known of it.</param>
/// <param name="Bytes">The buffer.</param>
/// <param name="Length">How much of that is the frame.</param>
/// <param name="TimeMs">When it was taken, or of when it is, in milliseconds on the worker's clock.</param>
/// <param name="Heard">When what is heard with it in the mix was said; null where nothing is.</param>
internal readonly record struct PictureFrame(int Id, VideoFrame Head, byte[] Bytes, int Length, long TimeMs, HeardTimes? Heard = null)
{
    /// <summary>The frame.</summary>
    public ReadOnlySpan<byte> Data => Bytes.AsSpan(0, Length);

    /// <summary>Copies a frame.</summary>
    public static PictureFrame Of(int id, in VideoFrame head, ReadOnlySpan<byte> data, long timeMs, HeardTimes? heard = null)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(bytes);
        return new(id, head, bytes, data.Length, timeMs, heard);
    }

    /// <summary>Gives the buffer back.</summary>
    public void Return() => ArrayPool<byte>.Shared.Return(Bytes);
}
