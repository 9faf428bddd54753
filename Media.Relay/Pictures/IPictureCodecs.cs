using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Native;

namespace Parley.Media.Relay.Pictures;

/// <summary>Decodes one stream. After a failure nothing is decoded until a keyframe comes.</summary>
internal interface IPictureDecoder : IDisposable
{
    /// <summary>The latest picture, there until the next call; null while there is none.</summary>
    I420View? Picture { get; }

    /// <summary>Whether nothing can be decoded without a keyframe.</summary>
    bool NeedsKeyframe { get; }

    /// <summary>Takes a frame.</summary>
    /// <returns>Whether it could be decoded; <see cref="Picture"/> has what it shows, or what was before it if it shows nothing.</returns>
    bool Decode(ReadOnlySpan<byte> frame);
}

/// <summary>Encodes one stream as a call needs it: at once, at an even rate, keyframes only where they are asked for.</summary>
internal interface IPictureEncoder : IDisposable
{
    /// <summary>What it makes.</summary>
    PictureSettings Settings { get; }

    /// <summary>Encodes a picture of the size settled.</summary>
    /// <param name="picture">The picture, whose planes follow each other as <see cref="I420Buffer"/> has them.</param>
    /// <param name="time">Its time in 1/90,000 s; it rises.</param>
    /// <param name="asKeyframe">Whether decoding is to be able to begin here.</param>
    /// <param name="frame">The frame, there until the next call; empty if the encoder left it out to keep its rate, or failed.</param>
    /// <param name="isKeyframe">Whether it is a keyframe.</param>
    void Encode(I420Buffer picture, long time, bool asKeyframe, out ReadOnlySpan<byte> frame, out bool isKeyframe);
}

/// <summary>What an encoder makes.</summary>
/// <param name="Coding">In what.</param>
/// <param name="Width">Pixels; even.</param>
/// <param name="Height">Pixels; even.</param>
/// <param name="Rate">Frames a second.</param>
/// <param name="Bitrate">Bits a second.</param>
/// <param name="MayDrop">Whether a frame may be left out to keep the rate.</param>
internal sealed record PictureSettings(VideoCoding Coding, int Width, int Height, int Rate, int Bitrate, bool MayDrop = true);

/// <summary>The codecs that pictures can be in.</summary>
internal static class PictureCodecs
{
    /// <summary>The most pixels of a picture: whoever claims more could have us take any amount of memory.</summary>
    public const int MaxArea = 3840 * 2160;

    /// <summary>Whether there is a decoder and an encoder for a format.</summary>
    public static bool Has(PayloadFormat format) => format switch
    {
        PayloadFormat.Vp8 or PayloadFormat.Vp9 => VideoLibraries.AreThere(out _),
        PayloadFormat.H264 => H264Library.IsThere(out _),
        _ => false,
    };

    /// <summary>Makes a decoder.</summary>
    public static IPictureDecoder Decoder(PayloadFormat format) => format == PayloadFormat.H264 ? new H264Decoder() : new VpxDecoder(format);

    /// <summary>Makes an encoder.</summary>
    /// <exception cref="InvalidOperationException">The library would not.</exception>
    public static IPictureEncoder Encoder(PictureSettings settings) => settings.Coding.Format == PayloadFormat.H264 ? new H264Encoder(settings) : new VpxEncoder(settings);
}
