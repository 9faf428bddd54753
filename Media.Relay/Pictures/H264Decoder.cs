using Parley.Media.Core.Video.H264;
using Parley.Media.Relay.Native;
using Layout = Parley.Media.Relay.Native.OpenH264Layout;

namespace Parley.Media.Relay.Pictures;

/// <summary>Decodes H.264 by OpenH264.</summary>
internal sealed unsafe class H264Decoder : IPictureDecoder
{
    // MaxDpbMbs of level 5.2 (ITU-T H.264 table A-1): no level has a decoder keep more.
    private const long MaxKept = 184_320 * 256;

    private OpenH264Decoder? _decoder;

    /// <inheritdoc/>
    public I420View? Picture { get; private set; }

    /// <inheritdoc/>
    public bool NeedsKeyframe => _decoder is null;

    /// <inheritdoc/>
    public bool Decode(ReadOnlySpan<byte> frame)
    {
        if (Accepts(frame) && TryDecode(frame)) return true;
        Forget();
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => Forget();

    // What is said of the pictures before anything is decoded: whether decoding may begin here, and how much memory that takes.
    private bool Accepts(ReadOnlySpan<byte> frame)
    {
        var (hasParameters, isKey) = (false, false);
        var units = new AnnexB(frame);
        while (units.MoveNext())
        {
            var type = units.Unit[0] & 0x1F;
            isKey |= type == 5;
            if (type != 7) continue;
            if (!SequenceParameters.TryRead(units.Unit, out var parameters) || parameters.CodedArea > PictureCodecs.MaxArea || parameters.CodedArea * parameters.References > MaxKept) return false;
            hasParameters = true;
        }

        return _decoder is not null || (isKey && hasParameters && TryOpen());
    }

    private bool TryOpen()
    {
        var decoder = new OpenH264Decoder();
        var settings = stackalloc byte[Layout.DecoderSettings.Size];
        new Span<byte>(settings, Layout.DecoderSettings.Size).Clear();
        settings[Layout.DecoderSettings.TargetLayer] = byte.MaxValue; // all there are
        *(int*)(settings + Layout.DecoderSettings.ErrorConcealment) = 0; // what cannot be decoded is said, and not covered up
        *(uint*)(settings + Layout.DecoderSettings.PropertySize) = 8;
        *(int*)(settings + Layout.DecoderSettings.StreamType) = 0; // VIDEO_BITSTREAM_AVC
        if (LibOpenH264.Silence(decoder) != LibOpenH264.Ok || LibOpenH264.DecoderInit(decoder, settings) != LibOpenH264.Ok)
        {
            decoder.Dispose();
            return false;
        }

        _decoder = decoder;
        return true;
    }

    private bool TryDecode(ReadOnlySpan<byte> frame)
    {
        var planes = stackalloc nint[3];
        var info = stackalloc byte[Layout.Decoded.Size];
        new Span<byte>(info, Layout.Decoded.Size).Clear();
        (planes[0], planes[1], planes[2]) = (0, 0, 0);
        Picture = null; // its memory is the library's, which may free it for pictures of another size
        fixed (byte* data = frame)
        {
            if (LibOpenH264.Decode(_decoder!, data, frame.Length, planes, info) != LibOpenH264.Ok) return false;
        }

        if (*(int*)(info + Layout.Decoded.Status) != 1) return true; // nothing to be seen yet: profiles above baseline may show pictures in another order
        var (width, height) = (*(int*)(info + Layout.Decoded.Width), *(int*)(info + Layout.Decoded.Height));
        if (*(int*)(info + Layout.Decoded.Format) != LibOpenH264.I420 || width <= 0 || height <= 0 || (long)width * height > PictureCodecs.MaxArea || planes[0] == 0) return false;
        var strides = (int*)(info + Layout.Decoded.Strides);
        Picture = new(planes[0], planes[1], planes[2], strides[0], strides[1], width, height);
        return true;
    }

    private void Forget()
    {
        Picture = null;
        _decoder?.Dispose();
        _decoder = null;
    }
}
