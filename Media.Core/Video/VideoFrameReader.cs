using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Core.Video;

/// <summary>A whole frame, as a decoder takes it.</summary>
/// <param name="Format">VP8, VP9 or H.264.</param>
/// <param name="IsKeyframe">Whether decoding can begin here.</param>
/// <param name="Timestamp">In the track's clock.</param>
/// <param name="Rotation">By how many degrees clockwise it is to be turned to be seen upright (3GPP TS 26.114 section 7.4.5): 0, 90, 180 or 270.</param>
public readonly record struct VideoFrame(PayloadFormat Format, bool IsKeyframe, uint Timestamp, int Rotation);

/// <summary>Takes a track's frames.</summary>
public interface IVideoFrameSink
{
    /// <summary>The next frame, whole and in order; none that it needs is missing since the last keyframe.</summary>
    /// <returns>False if it cannot be taken: nothing more comes before the next keyframe.</returns>
    bool OnFrame(in VideoFrame frame, ReadOnlySpan<byte> data);
}

/// <summary>
/// Reads whole frames out of a track's ring. A frame with a hole waits for what was asked for again, as long as that may take; then it is given up with all that refer to it, and
/// the sender is asked for a keyframe. So what comes out can always be decoded. One thread, the track's.
/// </summary>
public sealed class VideoFrameReader
{
    private const long MinPatienceMs = 80, MaxPatienceMs = 300;

    private readonly TrackReceiver _track;
    private readonly IVideoFrameSink _sink;
    private readonly FrameAssembler _frames = new();
    private long _next = -1, _done, _stuckSinceMs = -1;
    private int _rotation;

    /// <summary>Reads a track from its next keyframe on; that one is asked for.</summary>
    public VideoFrameReader(TrackReceiver track, IVideoFrameSink sink, long nowMs)
    {
        (_track, _sink) = (track, sink);
        if (track.TryFindFreshKeyframe(nowMs, out var keyframe)) Begin(keyframe);
        else track.RequestKeyframe();
        Read(nowMs);
    }

    /// <summary>How often a frame was given up.</summary>
    public long Losses { get; private set; }

    /// <summary>A packet is in the ring.</summary>
    public void OnStored(long position, long nowMs)
    {
        // A keyframe that is this late is of the past: what came after it was taken already.
        if (_next < 0 && position >= _done && _track.Info(position).StartsKeyframe) Begin(position);
        Read(nowMs);
    }

    /// <summary>Gives up what has been missing for too long; every 20 ms.</summary>
    public void Tick(long nowMs)
    {
        if (_stuckSinceMs >= 0 && nowMs - _stuckSinceMs > Math.Clamp(2 * _track.RoundTripMs + 40, MinPatienceMs, MaxPatienceMs)) GiveUp();
    }

    private void Begin(long position)
    {
        (_next, _stuckSinceMs) = (position, -1);
        _frames.OnGap();
    }

    private void GiveUp()
    {
        Losses++;
        (_next, _stuckSinceMs) = (-1, -1);
        _track.RequestKeyframe();
    }

    private void Read(long nowMs)
    {
        while (_next >= 0 && _next <= _track.Highest)
        {
            if (!_track.Has(_next))
            {
                // With a keyframe decoding goes on, whatever is missing before it.
                if (_track.LatestKeyframe > _next && _track.Has(_track.LatestKeyframe))
                {
                    Begin(_track.LatestKeyframe);
                    continue;
                }

                if (_next <= _track.Highest - TrackReceiver.VideoSlots) GiveUp();
                else if (_stuckSinceMs < 0) _stuckSinceMs = nowMs;
                return;
            }

            _stuckSinceMs = -1;
            if (Take(_next++)) continue;
            GiveUp();
        }
    }

    private bool Take(long position)
    {
        ref readonly var info = ref _track.Info(position);
        if (info.IsVoid) return true; // padding
        // 3GPP TS 26.114 section 7.4.5: the two lowest bits; the word is said with a frame's last packet, and by some only where it changes.
        if (info.VideoOrientation >= 0) _rotation = (info.VideoOrientation & 3) * 90;
        var format = _track.Settings.Payloads.CodecOf(info.PayloadType)!.Format;
        return _frames.Put(format, info.Timestamp, info.Marker, _track.Payload(position)) switch
        {
            AssembledPacket.Taken => true,
            AssembledPacket.Frame => Give(format, position),
            _ => false,
        };
    }

    private bool Give(PayloadFormat format, long position)
    {
        _done = position + 1;
        return _sink.OnFrame(new(format, _frames.IsKey, _frames.Timestamp, _rotation), _frames.Frame);
    }
}
