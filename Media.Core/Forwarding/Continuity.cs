using Parley.Media.Core.Rtp;

namespace Parley.Media.Core.Forwarding;

/// <summary>Keeps a slot's timestamps, and VP8's picture ids and TL0PICIDX, going on evenly when the source changes.</summary>
internal struct Continuity(uint firstTimestamp)
{
    private uint _timestampOffset;
    private uint _lastTimestamp = firstTimestamp;
    private long _lastMs = long.MinValue;
    private int _pictureOffset, _tl0Offset, _lastPicture = -1, _lastTl0 = -1;

    /// <summary>What is added to the source's timestamps.</summary>
    public readonly uint TimestampOffset => _timestampOffset;

    /// <summary>A source begins with this packet.</summary>
    public void Start(in PacketInfo info, ReadOnlySpan<byte> payload, int clockRate, long nowMs)
    {
        var passed = _lastMs == long.MinValue ? 0 : Math.Max(1, (nowMs - _lastMs) * clockRate / 1000);
        _timestampOffset = _lastTimestamp + (uint)passed - info.Timestamp;
        if (info.Format != PayloadFormat.Vp8 || !Vp8Descriptor.TryParse(payload, out var descriptor)) return;
        _pictureOffset = _lastPicture < 0 ? 0 : _lastPicture + 1 - descriptor.PictureId;
        _tl0Offset = _lastTl0 < 0 ? 0 : _lastTl0 + 1 - descriptor.Tl0;
    }

    /// <summary>A packet of the source, as it is written.</summary>
    public uint Pass(in PacketInfo info, Span<byte> payload, bool isNewest, long nowMs)
    {
        var timestamp = info.Timestamp + _timestampOffset;
        if (isNewest) (_lastTimestamp, _lastMs) = (timestamp, nowMs);
        if (info.Format != PayloadFormat.Vp8 || !Vp8Descriptor.TryParse(payload, out var descriptor)) return timestamp;
        var picture = (descriptor.PictureId + _pictureOffset) & 0x7FFF;
        var tl0 = (descriptor.Tl0 + _tl0Offset) & 0xFF;
        descriptor.Rewrite(payload, picture, tl0);
        if (!isNewest) return timestamp;
        if (descriptor.PictureIdOffset > 0) _lastPicture = picture;
        if (descriptor.Tl0Offset > 0) _lastTl0 = tl0;
        return timestamp;
    }
}
