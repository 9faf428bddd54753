using Parley.Media.Core.Recording;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Pictures;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>A track's whole frames on their way to where pictures are made. On the worker's thread.</summary>
internal sealed class TrackPictures : IVideoFrameSink
{
    private readonly ConferencePictures _pictures;
    private readonly VideoFrameReader _reader;
    private readonly RelayTrack _track;
    private readonly NtpClock _ntp;
    private readonly CaptureClock _clock = new(90_000);
    private int _isLost;
    private long _takenMs = long.MinValue;

    /// <summary>Begins with the track's next keyframe.</summary>
    /// <param name="track">The track.</param>
    /// <param name="pictures">Where they go.</param>
    /// <param name="ntp">The worker's clock.</param>
    /// <param name="nowMs">The time.</param>
    public TrackPictures(RelayTrack track, ConferencePictures pictures, NtpClock ntp, long nowMs)
    {
        (_track, _pictures, _ntp) = (track, pictures, ntp);
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
        return _pictures.Put(Id, frame, data, TakenMs(frame.Timestamp, _track.Receiver.LastPacketMs), _track.Endpoint.Heard);
    }

    // What claims to be of the future is not waited for long.
    private long TakenMs(uint timestamp, long arrivalMs)
    {
        var takenMs = _clock.TimeOf(timestamp, _track.Receiver.TryTimeOf(timestamp, out var taken) ? _ntp.MsOf(taken) : null, arrivalMs);
        return _takenMs = Math.Max(_takenMs, Math.Min(takenMs, arrivalMs + RelayTrack.MostAheadMs));
    }
}
