using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>
/// OpenH264, as far as pictures are decoded and encoded here. Optional: ask <see cref="H264Library"/> before anything else is called. An encoder and a decoder are each a pointer to a
/// table of functions (codec_api.h); the order in it, and the layouts of what is passed (<see cref="OpenH264Layout"/>), belong to one version of the library.
/// </summary>
internal static unsafe partial class LibOpenH264
{
    public const string Name = "openh264";

    public const int Ok = 0;

    /// <summary>Frame types of an encoded picture (codec_def.h).</summary>
    public const int FrameIdr = 1, FrameSkipped = 4;

    /// <summary>videoFormatI420.</summary>
    public const int I420 = 23;

    // Options (codec_app_def.h): how much is written to the standard error.
    private const int EncoderTraceLevel = 25, DecoderTraceLevel = 9, TraceNothing = 0;

    static LibOpenH264() => NativeLibraries.EnsureResolver();

    /// <summary>Four numbers of 32 bits: major, minor, revision and one that is reserved.</summary>
    [LibraryImport(Name, EntryPoint = "WelsGetCodecVersionEx")]
    public static partial void Version(uint* version);

    [LibraryImport(Name, EntryPoint = "WelsCreateSVCEncoder")]
    public static partial int CreateEncoder(out nint encoder);

    [LibraryImport(Name, EntryPoint = "WelsDestroySVCEncoder")]
    public static partial void DestroyEncoder(nint encoder);

    [LibraryImport(Name, EntryPoint = "WelsCreateDecoder")]
    public static partial nint CreateDecoder(out nint decoder);

    [LibraryImport(Name, EntryPoint = "WelsDestroyDecoder")]
    public static partial void DestroyDecoder(nint decoder);

    /// <summary>InitializeExt.</summary>
    public static int EncoderInit(OpenH264Encoder encoder, byte* settings) => ((delegate* unmanaged<nint, byte*, int>)Table(encoder)[1])(encoder.Pointer, settings);

    /// <summary>GetDefaultParams.</summary>
    public static int DefaultSettings(OpenH264Encoder encoder, byte* settings) => ((delegate* unmanaged<nint, byte*, int>)Table(encoder)[2])(encoder.Pointer, settings);

    /// <summary>EncodeFrame.</summary>
    public static int Encode(OpenH264Encoder encoder, byte* picture, byte* output) => ((delegate* unmanaged<nint, byte*, byte*, int>)Table(encoder)[4])(encoder.Pointer, picture, output);

    /// <summary>ForceIntraFrame, of all layers: the next frame is a keyframe.</summary>
    public static int ForceKeyframe(OpenH264Encoder encoder) => ((delegate* unmanaged<nint, byte, int, int>)Table(encoder)[6])(encoder.Pointer, 1, -1);

    /// <summary>Has an encoder keep quiet.</summary>
    public static int Silence(OpenH264Encoder encoder)
    {
        var level = TraceNothing;
        return ((delegate* unmanaged<nint, int, void*, int>)Table(encoder)[7])(encoder.Pointer, EncoderTraceLevel, &level);
    }

    /// <summary>Initialize.</summary>
    public static nint DecoderInit(OpenH264Decoder decoder, byte* settings) => ((delegate* unmanaged<nint, byte*, nint>)Table(decoder)[0])(decoder.Pointer, settings);

    /// <summary>DecodeFrameNoDelay: a whole picture; what went wrong, as bits.</summary>
    public static int Decode(OpenH264Decoder decoder, byte* data, int length, nint* planes, byte* info) =>
        ((delegate* unmanaged<nint, byte*, int, nint*, byte*, int>)Table(decoder)[3])(decoder.Pointer, data, length, planes, info);

    /// <summary>Has a decoder keep quiet.</summary>
    public static nint Silence(OpenH264Decoder decoder)
    {
        var level = TraceNothing;
        return ((delegate* unmanaged<nint, int, void*, nint>)Table(decoder)[8])(decoder.Pointer, DecoderTraceLevel, &level);
    }

    /// <summary>Uninitialize of either; it may be called on one that was not initialised.</summary>
    public static void End(nint coder, bool isEncoder) => ((delegate* unmanaged<nint, nint>)(*(void***)coder)[isEncoder ? 3 : 1])(coder);

    private static void** Table(OpenH264Encoder encoder) => *(void***)encoder.Pointer;

    private static void** Table(OpenH264Decoder decoder) => *(void***)decoder.Pointer;
}
