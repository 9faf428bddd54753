using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>libopus, as far as the mixer uses it. Optional: look at <see cref="NativeLibraries.HasOpus"/> before anything else is called.</summary>
internal static unsafe partial class LibOpus
{
    public const string Name = "opus";

    public const int Voip = 2048, Audio = 2049;

    public const int SetBitrate = 4002, SetComplexity = 4010, SetInbandFec = 4012, SetPacketLoss = 4014, SetDtx = 4016;

    static LibOpus() => NativeLibraries.EnsureResolver();

    [LibraryImport(Name, EntryPoint = "opus_decoder_create")]
    public static partial OpusDecoderHandle DecoderCreate(int rate, int channels, out int error);

    [LibraryImport(Name, EntryPoint = "opus_decoder_destroy")]
    public static partial void DecoderDestroy(nint decoder);

    [LibraryImport(Name, EntryPoint = "opus_decode_float")]
    public static partial int Decode(OpusDecoderHandle decoder, byte* data, int length, float* pcm, int samples, int restore);

    [LibraryImport(Name, EntryPoint = "opus_encoder_create")]
    public static partial OpusEncoderHandle EncoderCreate(int rate, int channels, int application, out int error);

    [LibraryImport(Name, EntryPoint = "opus_encoder_destroy")]
    public static partial void EncoderDestroy(nint encoder);

    [LibraryImport(Name, EntryPoint = "opus_encode_float")]
    public static partial int Encode(OpusEncoderHandle encoder, float* pcm, int samples, byte* to, int length);

    /// <summary>Variadic in C; where one integer follows, Linux passes it on x64 and arm64 as to any other function.</summary>
    [LibraryImport(Name, EntryPoint = "opus_encoder_ctl")]
    public static partial int Control(OpusEncoderHandle encoder, int request, int value);

    [LibraryImport(Name, EntryPoint = "opus_get_version_string")]
    public static partial nint Version();
}
