using System.Buffers.Binary;

namespace Parley.Media.Core.Recording;

/// <summary>A track of a WebM file: its codec, and what a decoder must know before the first frame.</summary>
public sealed record RecordedTrack
{
    // What libopus looks ahead at 48 kHz: that many samples at the start are the coder's own delay (RFC 7845 section 4.2).
    private const int OpusPreSkip = 312;

    private RecordedTrack(string codecId) => CodecId = codecId;

    /// <summary>The Matroska codec id, such as <c>A_OPUS</c>.</summary>
    public string CodecId { get; }

    /// <summary>Video, else audio.</summary>
    public bool IsVideo { get; private init; }

    /// <summary>The picture's width in pixels.</summary>
    public int Width { get; private init; }

    /// <summary>The picture's height in pixels.</summary>
    public int Height { get; private init; }

    /// <summary>Opus; payloads are RTP's (RFC 7587), which are WebM's blocks as they are.</summary>
    public static RecordedTrack Opus { get; } = new("A_OPUS");

    /// <summary>VP8 or VP9.</summary>
    /// <param name="isVp9">VP9, else VP8.</param>
    /// <param name="width">The width in pixels.</param>
    /// <param name="height">The height in pixels.</param>
    public static RecordedTrack Picture(bool isVp9, int width, int height) => new(isVp9 ? "V_VP9" : "V_VP8") { IsVideo = true, Width = width, Height = height };

    /// <summary>Writes the TrackEntry (RFC 9559 section 5.1.4.1).</summary>
    internal void Write(EbmlBuffer to, int number)
    {
        var entry = new EbmlBuffer();
        entry.Unsigned(MatroskaId.TrackNumber, (ulong)number);
        entry.Unsigned(MatroskaId.TrackUid, (ulong)number);
        entry.Unsigned(MatroskaId.TrackType, IsVideo ? 1u : 2u);
        entry.Unsigned(MatroskaId.FlagLacing, 0);
        entry.Text(MatroskaId.CodecId, CodecId);
        if (IsVideo) WriteVideo(entry);
        else WriteAudio(entry);
        to.Master(MatroskaId.TrackEntry, entry);
    }

    private void WriteVideo(EbmlBuffer entry)
    {
        var video = new EbmlBuffer();
        video.Unsigned(MatroskaId.PixelWidth, (ulong)Width, 2);
        video.Unsigned(MatroskaId.PixelHeight, (ulong)Height, 2);
        entry.Master(MatroskaId.Video, video);
    }

    private static void WriteAudio(EbmlBuffer entry)
    {
        // RFC 7845 section 5.1: version, channels (two, as RTP's Opus always says: RFC 7587 section 4.1), pre-skip, the input's rate, no gain, mapping family 0.
        Span<byte> head = stackalloc byte[19];
        "OpusHead"u8.CopyTo(head);
        (head[8], head[9]) = (1, 2);
        BinaryPrimitives.WriteUInt16LittleEndian(head[10..], OpusPreSkip);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], 48_000);
        entry.Binary(MatroskaId.CodecPrivate, head);
        entry.Unsigned(MatroskaId.CodecDelay, OpusPreSkip * 1_000_000_000UL / 48_000);
        entry.Unsigned(MatroskaId.SeekPreRoll, 80_000_000);
        var audio = new EbmlBuffer();
        audio.Float(MatroskaId.SamplingFrequency, 48_000);
        audio.Unsigned(MatroskaId.Channels, 2);
        entry.Master(MatroskaId.Audio, audio);
    }
}
