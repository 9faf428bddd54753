using System.Buffers.Binary;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video.H264;

namespace Parley.Media.Core.Video;

/// <summary>Cuts frames into RTP payloads: VP8 by RFC 7741, VP9 by RFC 9628, each with a picture id of 15 bits and no layers; H.264, a byte stream (annex B), by RFC 6184.</summary>
public sealed class VideoPackets
{
    /// <summary>The longest payload, with which a packet and all that wraps it stay below the 1,280 bytes that any path takes.</summary>
    public const int MaxPayload = 1_100;

    private readonly PayloadFormat _format;
    private ushort _picture;

    private readonly UnitCutter? _units;

    /// <summary>Makes a cutter.</summary>
    /// <param name="format">VP8, VP9 or H.264.</param>
    /// <param name="singleUnits">H.264 in packetization mode 0: the encoder keeps every unit below <see cref="MaxPayload"/>.</param>
    public VideoPackets(PayloadFormat format, bool singleUnits = false)
    {
        if (format is not (PayloadFormat.Vp8 or PayloadFormat.Vp9 or PayloadFormat.H264)) throw new ArgumentOutOfRangeException(nameof(format));
        _format = format;
        if (format == PayloadFormat.H264) _units = new(singleUnits);
    }

    /// <summary>Begins the next frame; says how many packets it takes. 0 for one that cannot be cut: H.264 without units, or with one that is too long for its mode.</summary>
    public int Begin(ReadOnlySpan<byte> frame)
    {
        if (_units is not null) return _units.Begin(frame);
        _picture = (ushort)((_picture + 1) & 0x7FFF);
        return Math.Max(1, (frame.Length + MostData - 1) / MostData);
    }

    /// <summary>Writes one packet's payload and returns its length; the last of a frame carries the marker.</summary>
    /// <param name="to">Room for <see cref="MaxPayload"/> bytes.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="isKeyframe">Whether it is a keyframe.</param>
    /// <param name="index">Which packet.</param>
    /// <param name="count">Of how many, as <see cref="Begin"/> said.</param>
    public int Write(Span<byte> to, ReadOnlySpan<byte> frame, bool isKeyframe, int index, int count)
    {
        if (_units is not null) return _units.Write(to, frame, index);
        // Of even length, so that none is a tiny rest.
        var (from, end) = ((int)((long)frame.Length * index / count), (int)((long)frame.Length * (index + 1) / count));
        var at = _format == PayloadFormat.Vp8 ? WriteVp8(to, index == 0) : WriteVp9(to, isKeyframe, index == 0, index == count - 1);
        frame[from..end].CopyTo(to[at..]);
        return at + end - from;
    }

    private static int MostData => MaxPayload - 4;

    // X and S; I; the picture id with M.
    private int WriteVp8(Span<byte> to, bool isFirst)
    {
        (to[0], to[1]) = ((byte)(isFirst ? 0x90 : 0x80), 0x80);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)(_picture | 0x8000));
        return 4;
    }

    // I, P, F, B, E; the picture id with M; in flexible mode what a predicted frame refers to is said: the one before.
    private int WriteVp9(Span<byte> to, bool isKeyframe, bool isFirst, bool isLast)
    {
        to[0] = (byte)(0x90 | (isKeyframe ? 0 : 0x40) | (isFirst ? 0x08 : 0) | (isLast ? 0x04 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(to[1..], (ushort)(_picture | 0x8000));
        if (isKeyframe) return 3;
        to[3] = 1 << 1;
        return 4;
    }
}
