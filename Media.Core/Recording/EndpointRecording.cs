namespace Parley.Media.Core.Recording;

/// <summary>What one endpoint sends, in one WebM file: its streams as they came, on one time line. One thread; the caller gives packets and time.</summary>
public sealed class EndpointRecording
{
    /// <summary>How often what came is written: with the wait for lost packets, what a crash costs.</summary>
    public const long FlushEveryMs = 1_000;

    private const int MaxGaps = 1_000;
    private const long MostShiftMs = 500;

    private readonly List<RecordedStream> _streams = [];
    private readonly List<RecordingGap> _gaps = [];
    private readonly List<(RecordedCodec Codec, int Number)> _freeTracks = [];
    private readonly HashSet<RecordedCodec> _codecs = [];
    private long _nextFlushMs, _shiftMs;

    /// <summary>Makes a recording.</summary>
    /// <param name="file">Where it goes; nothing is written before there is something to play.</param>
    /// <param name="epoch">The wall clock at millisecond 0 of the relay's clock.</param>
    /// <param name="title">The file's title.</param>
    /// <param name="nowMs">The time.</param>
    public EndpointRecording(IWebmFile file, DateTimeOffset epoch, string title, long nowMs) => (Writer, _nextFlushMs) = (new(file, epoch, title), nowMs + FlushEveryMs);

    /// <summary>The file: when it begins, how long it is.</summary>
    public WebmWriter Writer { get; }

    /// <summary>Whether there may be sound: then it has a track from the start, as a track that begins minutes later is one that ffmpeg cannot play.</summary>
    public bool HasSound { get; init; }

    /// <summary>How much later than other streams one of them may come, in milliseconds: so long what there is of the others is held back.</summary>
    public long HoldMs { get; init; }

    /// <summary>Whether a stream of pictures has ended, whose track another may go on with.</summary>
    public bool HasFreePicture => _freeTracks.Exists(t => t.Codec != RecordedCodec.Opus);

    /// <summary>What is in it.</summary>
    public IReadOnlyCollection<RecordedCodec> Codecs => _codecs;

    /// <summary>The streams of this moment.</summary>
    public IReadOnlyList<RecordedStream> Streams => _streams;

    /// <summary>Where something is missing; the first thousand.</summary>
    public IReadOnlyList<RecordingGap> Gaps => _gaps;

    /// <summary>Adds a stream.</summary>
    public RecordedStream Add(string id, bool isVideo)
    {
        var stream = new RecordedStream(this, id, isVideo);
        _streams.Add(stream);
        return stream;
    }

    /// <summary>A stream ends: what is held of it is written.</summary>
    public void Remove(RecordedStream stream)
    {
        if (!_streams.Remove(stream)) return;
        stream.Drain(long.MaxValue);
        foreach (var (codec, number) in stream.Tracks) _freeTracks.Add((codec, number));
    }

    /// <summary>Does what is due; at least every 100 ms.</summary>
    public void Tick(long nowMs)
    {
        foreach (var stream in _streams) stream.Drain(nowMs);
        if (nowMs < _nextFlushMs) return;
        _nextFlushMs = nowMs + FlushEveryMs;
        Writer.Flush(HoldMs == 0 ? long.MaxValue : nowMs - HoldMs);
    }

    /// <summary>Ends it.</summary>
    public void Finish()
    {
        foreach (var stream in _streams) stream.Drain(long.MaxValue);
        Writer.Finish();
    }

    /// <summary>A track of the file for a codec: one that a stream has left, else a new one; 0 if there is no more room.</summary>
    internal int TrackFor(RecordedCodec codec, RecordedTrack track, long timeMs)
    {
        if (HasSound && track.IsVideo && Writer.Tracks.Count == 0) BeginSound(timeMs);
        _codecs.Add(codec);
        var free = _freeTracks.FindIndex(t => t.Codec == codec);
        if (free < 0) return Writer.AddTrack(track);
        var number = _freeTracks[free].Number;
        _freeTracks.RemoveAt(free);
        return number;
    }

    // 20 ms of silence (RFC 6716 section 3.1: CELT, full band, one frame), so that a decoder knows what to expect.
    private void BeginSound(long timeMs)
    {
        var number = Writer.AddTrack(RecordedTrack.Opus);
        Writer.Write(number, timeMs, 20, isKey: true, [0xF8, 0xFF, 0xFE]);
        _freeTracks.Add((RecordedCodec.Opus, number));
    }

    /// <summary>
    /// A moment in the file's time. Where a sender's report tells that something was earlier than was believed, all that the endpoint sends is put later by as much: no frame is pressed into those before it,
    /// and picture and sound stay together.
    /// </summary>
    /// <param name="timeMs">When a frame was made.</param>
    /// <param name="leastMs">When it is due after the one before it; <see cref="long.MinValue"/> if that says nothing.</param>
    /// <param name="tolerance">How much earlier it may be.</param>
    internal long Shift(long timeMs, long leastMs, long tolerance)
    {
        var early = leastMs == long.MinValue ? 0 : leastMs - timeMs - _shiftMs;
        if (early > tolerance && _shiftMs + early <= MostShiftMs) _shiftMs += early;
        return timeMs + _shiftMs;
    }

    internal void AddGap(RecordingGap gap)
    {
        if (_gaps.Count < MaxGaps) _gaps.Add(gap);
    }
}
