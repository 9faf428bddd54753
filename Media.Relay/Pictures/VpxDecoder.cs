using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Native;

namespace Parley.Media.Relay.Pictures;

/// <summary>Decodes VP8 or VP9 by libvpx.</summary>
internal sealed unsafe class VpxDecoder : IPictureDecoder
{
    private readonly nint _codec;
    private readonly bool _isVp9;
    private readonly VpxLayout _layout = VideoLibraries.Layout;
    private VpxContext? _context;
    private byte[] _indexed = [];

    /// <summary>Makes a decoder.</summary>
    /// <param name="format">VP8 or VP9.</param>
    public VpxDecoder(PayloadFormat format) => (_isVp9, _codec) = format switch
    {
        PayloadFormat.Vp8 => (false, LibVpx.Vp8Decoder()),
        PayloadFormat.Vp9 => (true, LibVpx.Vp9Decoder()),
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    /// <inheritdoc/>
    public I420View? Picture { get; private set; }

    /// <inheritdoc/>
    public bool NeedsKeyframe => _context is null;

    /// <inheritdoc/>
    public bool Decode(ReadOnlySpan<byte> frame)
    {
        if (_isVp9) frame = WithIndex(frame);
        fixed (byte* data = frame)
        {
            if (Accepts(data, frame.Length) && LibVpx.Decode(_context!, data, (uint)frame.Length, 0, (nint)LibVpx.RealTime) == LibVpx.Ok && TryTakePicture()) return true;
        }

        Forget();
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => Forget();

    // So that nothing is decoded but what was looked at: without an index the library goes on behind a frame with whatever follows.
    private ReadOnlySpan<byte> WithIndex(ReadOnlySpan<byte> frame)
    {
        Span<int> lengths = stackalloc int[Vp9Index.MostFrames];
        if (frame.IsEmpty || Vp9Index.Read(frame, lengths) > 0) return frame;
        lengths[0] = frame.Length;
        var length = frame.Length + Vp9Index.SizeOf(1);
        if (_indexed.Length < length) _indexed = new byte[Math.Max(length, _indexed.Length * 2)];
        frame.CopyTo(_indexed);
        Vp9Index.Write(lengths[..1], _indexed.AsSpan(frame.Length));
        return _indexed.AsSpan(0, length);
    }

    // What the library says of a frame before it decodes it: whether decoding may begin here, and how much memory that takes.
    private bool Accepts(byte* data, int length)
    {
        if (length == 0 || (_isVp9 && Vp9Claim.LargestArea(new(data, length)) > PictureCodecs.MaxArea)) return false;
        var info = stackalloc byte[_layout.InfoSize];
        new Span<byte>(info, _layout.InfoSize).Clear();
        *(uint*)info = (uint)_layout.InfoSize;
        var isKeyframe = LibVpx.PeekStreamInfo(_codec, data, (uint)length, info) == LibVpx.Ok && *(int*)(info + _layout.InfoIsKeyframe) != 0;
        if (!isKeyframe) return _context is not null;
        var (width, height) = (*(uint*)(info + _layout.InfoWidth), *(uint*)(info + _layout.InfoHeight));
        return width > 0 && height > 0 && (ulong)width * height <= PictureCodecs.MaxArea && (_context is not null || TryOpen());
    }

    private bool TryOpen()
    {
        var context = new VpxContext();
        // One thread each: those of several people decode beside each other.
        var settings = stackalloc uint[3] { 1, 0, 0 };
        if (LibVpx.DecoderInit(context, _codec, (byte*)settings, 0, _layout.DecoderAbi) != LibVpx.Ok)
        {
            context.Dispose();
            return false;
        }

        _context = context;
        return true;
    }

    private bool TryTakePicture()
    {
        nint iterator = 0;
        // One frame may hold several layers of one picture; the last is the best.
        byte* image = null;
        while (LibVpx.NextPicture(_context!, &iterator) is var next && next is not null) image = next;
        if (image is null) return true; // a frame that only others refer to
        var (width, height) = (*(int*)(image + _layout.ImageWidth), *(int*)(image + _layout.ImageHeight));
        // VP9 may grow between keyframes, and may have other colours.
        if (*(int*)(image + _layout.ImageFormat) != LibVpx.I420 || width <= 0 || height <= 0 || (long)width * height > PictureCodecs.MaxArea) return false;
        var planes = (nint*)(image + _layout.ImagePlanes);
        var strides = (int*)(image + _layout.ImageStrides);
        if (strides[1] != strides[2]) return false;
        Picture = new(planes[0], planes[1], planes[2], strides[0], strides[1], width, height);
        return true;
    }

    private void Forget()
    {
        Picture = null;
        _context?.Dispose();
        _context = null;
    }
}
