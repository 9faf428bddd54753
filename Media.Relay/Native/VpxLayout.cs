namespace Parley.Media.Relay.Native;

/// <summary>
/// Where libvpx's structures have what is read and written here, for 64 bits. The library gives no other way, and takes a configuration of an older layout without a word, so that
/// a version of which nothing is known here is not used.
/// </summary>
internal sealed record VpxLayout
{
    /// <summary>The layouts known: soname, and how its version's text begins.</summary>
    public static IReadOnlyList<VpxLayout> Known { get; } =
    [
        new()
        {
            FileName = "libvpx.so.7", VersionPrefix = "v1.12.", DecoderAbi = 12, EncoderAbi = 25, ContextSize = 56, SettingsSize = 504, ImageSize = 136,
            Threads = 4, Width = 12, Height = 16, TimebaseNumerator = 28, TimebaseDenominator = 32, ErrorResilient = 36, Lag = 44, DropThreshold = 48, ResizeAllowed = 52, RateControl = 72,
            Bitrate = 112, MinQuantizer = 116, MaxQuantizer = 120, Undershoot = 124, Overshoot = 128, BufferMs = 132, BufferInitialMs = 136, BufferOptimalMs = 140, KeyframeMode = 160, KeyframeMaxDistance = 168,
            ImageFormat = 0, ImageWidth = 24, ImageHeight = 28, ImagePlanes = 48, ImageStrides = 80, PacketKind = 0, PacketData = 8, PacketLength = 16, PacketFlags = 40,
            InfoWidth = 4, InfoHeight = 8, InfoIsKeyframe = 12, InfoSize = 16,
        },
    ];

    public required string FileName { get; init; }

    public required string VersionPrefix { get; init; }

    public required int DecoderAbi { get; init; }

    public required int EncoderAbi { get; init; }

    /// <summary>Sizes of vpx_codec_ctx_t, vpx_codec_enc_cfg_t and vpx_image_t.</summary>
    public required int ContextSize { get; init; }

    public required int SettingsSize { get; init; }

    public required int ImageSize { get; init; }

    // vpx_codec_enc_cfg_t
    public required int Threads { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required int TimebaseNumerator { get; init; }

    public required int TimebaseDenominator { get; init; }

    public required int ErrorResilient { get; init; }

    public required int Lag { get; init; }

    public required int DropThreshold { get; init; }

    public required int ResizeAllowed { get; init; }

    public required int RateControl { get; init; }

    public required int Bitrate { get; init; }

    public required int MinQuantizer { get; init; }

    public required int MaxQuantizer { get; init; }

    public required int Undershoot { get; init; }

    public required int Overshoot { get; init; }

    public required int BufferMs { get; init; }

    public required int BufferInitialMs { get; init; }

    public required int BufferOptimalMs { get; init; }

    public required int KeyframeMode { get; init; }

    public required int KeyframeMaxDistance { get; init; }

    // vpx_image_t: the size shown, not the one stored
    public required int ImageFormat { get; init; }

    public required int ImageWidth { get; init; }

    public required int ImageHeight { get; init; }

    public required int ImagePlanes { get; init; }

    public required int ImageStrides { get; init; }

    // vpx_codec_cx_pkt_t
    public required int PacketKind { get; init; }

    public required int PacketData { get; init; }

    public required int PacketLength { get; init; }

    public required int PacketFlags { get; init; }

    // vpx_codec_stream_info_t
    public required int InfoWidth { get; init; }

    public required int InfoHeight { get; init; }

    public required int InfoIsKeyframe { get; init; }

    public required int InfoSize { get; init; }
}
