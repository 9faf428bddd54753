using Parley.Media.Core.Video;
using Parley.Media.Relay.Pictures;

namespace Parley.Media.Relay.Conferences;

/// <summary>A track's whole frames on their way to where pictures are made. On the worker's thread.</summary>
internal sealed class TrackPictures : IVideoFrameSink
{
    private readonly ConferencePictures _pictures;
    private readonly VideoFrameReader _reader;
    private readonly RelayTrack _track;
    private int _isLost;

    /// <summary>Begins with the track's next keyframe.</summary>
    public TrackPictures(RelayTrack track, ConferencePictures pictures, long nowMs)
    {
        (_track, _pictures) = (track, pictures);
        Id = pictures.AddSource(() => Volatile.Write(ref _isLost, 1));
        _reader = new(track.Receiver, this, nowMs);
    }

    /// <summary>The source.</summary>
    public int Id { get; }

    /// <summary>When the latest whole frame was captured; null while that is not known.</summary>
    public long? CapturedMs { get; private set; }

    /// <summary>A packet is in the track's ring.</summary>
    public void OnStored(long position, long nowMs) => _reader.OnStored(position, nowMs);

    /// <summary>Does what is due; every 20 ms.</summary>
    public void Tick(long nowMs)
    {
        _reader.Tick(nowMs);
        if (Interlocked.Exchange(ref _isLost, 0) != 0) _track.Receiver.RequestKeyframe();
    }

    /// <inheritdoc/>
    public bool OnFrame(in VideoFrame frame, ReadOnlySpan<byte> data)
    {
        CapturedMs = _track.CapturedMs(frame.Timestamp, _track.Receiver.LastPacketMs);
        return _pictures.Put(Id, frame, data);
    }
}
