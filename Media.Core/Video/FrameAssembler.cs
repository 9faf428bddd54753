using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video.H264;

namespace Parley.Media.Core.Video;

/// <summary>What became of a video packet.</summary>
public enum AssembledPacket
{
    /// <summary>Its frame goes on.</summary>
    Taken,
    /// <summary>It ends a frame that can be decoded: <see cref="FrameAssembler.Frame"/>.</summary>
    Frame,
    /// <summary>It is of no use: something before it is missing, and decoding can only begin again with a keyframe.</summary>
    Useless,
}

/// <summary>Puts VP8 (RFC 7741), VP9 (RFC 9628) and H.264 (RFC 6184) frames together from the payloads of packets in order. After a loss there is nothing until the next keyframe. One thread.</summary>
public sealed class FrameAssembler
{
    /// <summary>The largest frame, in bytes.</summary>
    public const int MaxFrame = 2 << 20;

    private readonly List<int> _layers = [];
    private byte[] _bytes = new byte[16 * 1024];
    private int _length;
    private bool _isOpen, _isKey, _isH264;
    private AccessUnit? _unit;

    /// <summary>The frame that was completed last, all spatial layers of a picture together, H.264 as a byte stream (annex B); valid until the next packet.</summary>
    public ReadOnlySpan<byte> Frame => _isH264 ? _unit!.Bytes : _bytes.AsSpan(0, _length);

    /// <summary>Whether that is a keyframe.</summary>
    public bool IsKey => _isKey;

    /// <summary>The RTP timestamp of the frame.</summary>
    public uint Timestamp { get; private set; }

    /// <summary>Whether nothing can be decoded before the next keyframe.</summary>
    public bool NeedsKeyframe { get; private set; } = true;

    /// <summary>Packets are missing here: whatever is open is lost.</summary>
    public void OnGap() => Break();

    /// <summary>Takes the next packet.</summary>
    /// <param name="format">VP8, VP9 or H.264.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="marker">Its marker bit, which the last packet of a picture has.</param>
    /// <param name="payload">Its payload, not empty.</param>
    public AssembledPacket Put(PayloadFormat format, uint timestamp, bool marker, ReadOnlySpan<byte> payload)
    {
        if (_isH264 != (format == PayloadFormat.H264)) Break();
        _isH264 = format == PayloadFormat.H264;
        if (_isH264) return Put(_unit ??= new(), timestamp, marker, payload);
        if (format == PayloadFormat.Vp8 && Vp8Descriptor.TryParse(payload, out var vp8)) return Put(timestamp, marker, vp8.StartsFrame, true, vp8.StartsKeyframe, payload[vp8.Length..]);
        if (format == PayloadFormat.Vp9 && Vp9Descriptor.TryParse(payload, out var vp9))
            return Put(timestamp, marker, vp9.StartsFrame, !_isOpen || timestamp != Timestamp, !vp9.IsInterPicture && vp9.SpatialLayer == 0, payload[vp9.Length..]);
        return Break();
    }

    private AssembledPacket Put(uint timestamp, bool marker, bool startsFrame, bool startsPicture, bool isKey, ReadOnlySpan<byte> data)
    {
        if (startsFrame && startsPicture)
        {
            if (_isOpen) Break(); // its end never came
            (_isOpen, _isKey, _length, Timestamp) = (true, isKey, 0, timestamp);
            _layers.Clear();
        }

        if (!_isOpen) return AssembledPacket.Useless;
        if (timestamp != Timestamp || _length + data.Length > MaxFrame) return Break();
        if (startsFrame) _layers.Add(_length);
        if (_length + data.Length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + data.Length));
        data.CopyTo(_bytes.AsSpan(_length));
        _length += data.Length;
        if (!marker) return AssembledPacket.Taken;
        _isOpen = false;
        if (NeedsKeyframe && !_isKey) return AssembledPacket.Useless;
        NeedsKeyframe = false;
        if (_layers.Count > 1) AddSuperframeIndex();
        return AssembledPacket.Frame;
    }

    // Nothing says that a packet is a picture's first: another timestamp does, and what a picture begins with.
    private AssembledPacket Put(AccessUnit unit, uint timestamp, bool marker, ReadOnlySpan<byte> payload)
    {
        if (!_isOpen || timestamp != Timestamp)
        {
            if (_isOpen && unit.HasSlices) Break(); // its end never came
            unit.Clear();
            (_isOpen, Timestamp) = (true, timestamp);
        }

        if (!unit.Put(payload)) return Break();
        // Some send parameter sets like a picture of their own.
        if (!marker || !unit.HasSlices) return AssembledPacket.Taken;
        if (!unit.TryComplete()) return Break();
        (_isOpen, _isKey) = (false, unit.IsKey);
        if (NeedsKeyframe && !_isKey) return AssembledPacket.Useless;
        NeedsKeyframe = false;
        return AssembledPacket.Frame;
    }

    private AssembledPacket Break()
    {
        _unit?.Clear();
        (_isOpen, _length, NeedsKeyframe) = (false, 0, true);
        return AssembledPacket.Useless;
    }

    // How long each of the frames of one picture is.
    private void AddSuperframeIndex()
    {
        if (_layers.Count > Vp9Index.MostFrames) return;
        Span<int> lengths = stackalloc int[_layers.Count];
        for (var i = 0; i < lengths.Length; i++) lengths[i] = (i + 1 < lengths.Length ? _layers[i + 1] : _length) - _layers[i];
        var size = Vp9Index.SizeOf(lengths.Length);
        Array.Resize(ref _bytes, Math.Max(_bytes.Length, _length + size));
        Vp9Index.Write(lengths, _bytes.AsSpan(_length));
        _length += size;
    }
}
