using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Pictures;

/// <summary>A picture in memory of its own.</summary>
internal sealed unsafe class I420Buffer : IDisposable
{
    private const nuint Alignment = 64;

    private void* _memory;

    /// <summary>Makes a picture; its content is whatever was there.</summary>
    /// <param name="width">Pixels; even.</param>
    /// <param name="height">Pixels; even.</param>
    public I420Buffer(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual((width & 1) + (height & 1), 0);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Math.Min(width, height));
        _memory = NativeMemory.AlignedAlloc((nuint)(width * height * 3 / 2), Alignment);
        var y = (nint)_memory;
        View = new(y, y + width * height, y + width * height * 5 / 4, width, width / 2, width, height);
    }

    /// <summary>Frees the memory of one that was dropped.</summary>
    ~I420Buffer() => Free();

    /// <summary>The picture: its planes follow each other without a gap.</summary>
    public I420View View { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
