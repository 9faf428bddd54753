using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>
/// libvpx, as far as pictures are decoded and encoded here. Optional: ask <see cref="VideoLibraries"/> before anything else is called. Structures are passed as memory whose
/// layout <see cref="VpxLayout"/> knows, since it belongs to one version of the library.
/// </summary>
internal static unsafe partial class LibVpx
{
    public const string Name = "vpx";

    public const int Ok = 0;

    /// <summary>VPX_IMG_FMT_I420.</summary>
    public const int I420 = 0x102;

    /// <summary>VPX_DL_REALTIME: as fast as the frames come.</summary>
    public const nuint RealTime = 1;

    /// <summary>VPX_EFLAG_FORCE_KF: the next frame is a keyframe.</summary>
    public const nint ForceKeyframe = 1;

    /// <summary>Requests of <see cref="Control"/> (vp8cx.h).</summary>
    public const int SetCpuUsed = 13, SetStaticThreshold = 17, SetMaxIntraBitratePercent = 26, SetVp9AdaptiveQuantisation = 36;

    static LibVpx() => NativeLibraries.EnsureResolver();

    [LibraryImport(Name, EntryPoint = "vpx_codec_version_str")]
    public static partial nint Version();

    [LibraryImport(Name, EntryPoint = "vpx_codec_vp8_dx")]
    public static partial nint Vp8Decoder();

    [LibraryImport(Name, EntryPoint = "vpx_codec_vp9_dx")]
    public static partial nint Vp9Decoder();

    [LibraryImport(Name, EntryPoint = "vpx_codec_vp8_cx")]
    public static partial nint Vp8Encoder();

    [LibraryImport(Name, EntryPoint = "vpx_codec_vp9_cx")]
    public static partial nint Vp9Encoder();

    [LibraryImport(Name, EntryPoint = "vpx_codec_peek_stream_info")]
    public static partial int PeekStreamInfo(nint codec, byte* data, uint length, byte* info);

    [LibraryImport(Name, EntryPoint = "vpx_codec_dec_init_ver")]
    public static partial int DecoderInit(VpxContext context, nint codec, byte* settings, nint flags, int abi);

    [LibraryImport(Name, EntryPoint = "vpx_codec_decode")]
    public static partial int Decode(VpxContext context, byte* data, uint length, nint user, nint deadline);

    /// <summary>The next decoded picture, a vpx_image_t; 0 for no more.</summary>
    [LibraryImport(Name, EntryPoint = "vpx_codec_get_frame")]
    public static partial byte* NextPicture(VpxContext context, nint* iterator);

    [LibraryImport(Name, EntryPoint = "vpx_codec_enc_config_default")]
    public static partial int DefaultSettings(nint codec, byte* settings, uint usage);

    [LibraryImport(Name, EntryPoint = "vpx_codec_enc_init_ver")]
    public static partial int EncoderInit(VpxContext context, nint codec, byte* settings, nint flags, int abi);

    [LibraryImport(Name, EntryPoint = "vpx_codec_enc_config_set")]
    public static partial int ChangeSettings(VpxContext context, byte* settings);

    [LibraryImport(Name, EntryPoint = "vpx_codec_encode")]
    public static partial int Encode(VpxContext context, byte* image, long time, nuint duration, nint flags, nuint deadline);

    /// <summary>The next packet of output, a vpx_codec_cx_pkt_t; 0 for no more.</summary>
    [LibraryImport(Name, EntryPoint = "vpx_codec_get_cx_data")]
    public static partial byte* NextPacket(VpxContext context, nint* iterator);

    /// <summary>Variadic in C; where one integer follows, Linux passes it on x64 and arm64 as to any other function.</summary>
    [LibraryImport(Name, EntryPoint = "vpx_codec_control_")]
    public static partial int Control(VpxContext context, int request, int value);

    [LibraryImport(Name, EntryPoint = "vpx_codec_destroy")]
    public static partial int Destroy(nint context);

    [LibraryImport(Name, EntryPoint = "vpx_img_wrap")]
    public static partial byte* WrapImage(byte* image, int format, uint width, uint height, uint alignment, byte* data);
}
