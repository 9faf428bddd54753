namespace Parley.Media.Relay.Native;

/// <summary>
/// Where OpenH264's structures (codec_app_def.h, codec_def.h) have what is read and written here, for 64 bits. The library gives no other way and checks nothing, so that a version of
/// which nothing is known here is not used.
/// </summary>
internal static class OpenH264Layout
{
    /// <summary>The soname whose structures these are.</summary>
    public const string FileName = "libopenh264.so.7";

    /// <summary>The versions with that soname whose headers are the same: 2.3.1, 2.4 and 2.5.</summary>
    public static bool IsKnown(uint major, uint minor, uint revision) => (major, minor, revision) is (2, 3, >= 1) or (2, 4 or 5, _);

    /// <summary>SEncParamExt.</summary>
    public static class Settings
    {
        public const int Size = 920, UsageType = 0, Width = 4, Height = 8, Bitrate = 12, RateControl = 16, MaxFrameRate = 20, TemporalLayers = 24, SpatialLayers = 28, FirstLayer = 32,
            Complexity = 832, IntraPeriod = 836, References = 840, ParameterSetIds = 844, HasPrefix = 848, EntropyCoding = 856, SkipsFrames = 860, MaxBitrate = 864, MaxQuantizer = 868,
            MinQuantizer = 872, MaxUnit = 876, HasLongTermReference = 880, Threads = 892, LoopFilterOff = 896, Denoise = 908, DetectsSceneChanges = 912;
    }

    /// <summary>SSpatialLayerConfig, with SSliceArgument in it.</summary>
    public static class Layer
    {
        public const int Width = 0, Height = 4, FrameRate = 8, Bitrate = 12, MaxBitrate = 16, Profile = 20, Level = 24, SliceMode = 32, SliceSize = 180;
    }

    /// <summary>SSourcePicture.</summary>
    public static class Picture
    {
        public const int Size = 72, Format = 0, Strides = 4, Planes = 24, Width = 56, Height = 60, TimeMs = 64;
    }

    /// <summary>SFrameBSInfo, with SLayerBSInfo in it.</summary>
    public static class Output
    {
        public const int Size = 5144, Layers = 0, FirstLayer = 8, FrameType = 5128, LayerSize = 40, LayerUnits = 16, LayerLengths = 24, LayerBytes = 32;

        /// <summary>MAX_LAYER_NUM_OF_FRAME and MAX_NAL_UNITS_IN_LAYER.</summary>
        public const int MostLayers = 128, MostUnits = 128;
    }

    /// <summary>SDecodingParam, with SVideoProperty in it.</summary>
    public static class DecoderSettings
    {
        public const int Size = 32, TargetLayer = 12, ErrorConcealment = 16, PropertySize = 24, StreamType = 28;
    }

    /// <summary>SBufferInfo, with SSysMEMBuffer in it.</summary>
    public static class Decoded
    {
        public const int Size = 72, Status = 0, Width = 24, Height = 28, Format = 32, Strides = 36;
    }
}
