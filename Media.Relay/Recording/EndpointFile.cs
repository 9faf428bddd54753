using Parley.Media.Control;
using Parley.Media.Core.Recording;

namespace Parley.Media.Relay.Recording;

/// <summary>An endpoint's file; on the recorder's thread.</summary>
internal sealed class EndpointFile : IDisposable
{
    private const string VideoStream = "video", AudioStream = "audio";

    private const long ReadyForMs = 3_000;

    private readonly RecordingFile _disk;
    private readonly EndpointRecording _recording;
    private long _lostBefore;
    private bool _isFinished;

    /// <summary>Makes one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="endpoint">Whose it is; empty for the mix.</param>
    /// <param name="directory">Where it goes.</param>
    /// <param name="epoch">The wall clock at the worker's millisecond 0.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="hasSound">Whether it may get sound.</param>
    /// <param name="holdMs">How much later than others one of its streams may come, in milliseconds.</param>
    public EndpointFile(string name, string endpoint, string directory, DateTimeOffset epoch, long nowMs, bool hasSound, long holdMs)
    {
        (Name, Endpoint) = (name, endpoint);
        _disk = new(Path.Combine(directory, name), FileMode.CreateNew);
        _recording = new(_disk, epoch, "", nowMs) { HasSound = hasSound, HoldMs = holdMs };
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Whose it is.</summary>
    public string Endpoint { get; }

    /// <summary>Its length.</summary>
    public long Bytes => _recording.Writer.Length;

    /// <summary>
    /// Whether a stream may still begin in it. FFmpeg holds back all that comes before the first of a track, minutes of sound and few seconds of picture, and then gives up; so a picture that comes later goes into
    /// another file, with all that the endpoint sends. Sound has its track from the start.
    /// </summary>
    public bool IsReadyFor(bool isVideo, long nowMs) => !isVideo || _recording.Writer.StartMs is not { } start || nowMs - start < ReadyForMs || _recording.HasFreePicture;

    /// <summary>Adds a stream.</summary>
    public RecordedStream Add(bool isVideo) => _recording.Add(isVideo ? VideoStream : AudioStream, isVideo);

    /// <summary>A stream has ended.</summary>
    public void Remove(RecordedStream stream)
    {
        _recording.Remove(stream);
        _lostBefore += stream.Lost;
    }

    /// <summary>Does what is due.</summary>
    public void Tick(long nowMs)
    {
        if (!_isFinished) _recording.Tick(nowMs);
    }

    /// <summary>Finishes it.</summary>
    public void Finish()
    {
        if (_isFinished) return;
        _isFinished = true;
        _recording.Finish();
        _disk.Dispose();
    }

    /// <summary>What there is of it; null while there is nothing.</summary>
    public RecordedFile? Describe(DateTimeOffset epoch)
    {
        var writer = _recording.Writer;
        if (writer.StartMs is not { } start) return null;
        List<string> codecs = [.. _recording.Codecs.Select(c => c.ToString().ToLowerInvariant())];
        List<RecordedGap> gaps = [.. _recording.Gaps.Select(g => new RecordedGap(g.StreamId == VideoStream ? MediaKind.Video : MediaKind.Audio, TimeSpan.FromMilliseconds(g.FromMs - start), TimeSpan.FromMilliseconds(g.ToMs - start)))];
        return new(Name, Endpoint.Length > 0 ? Endpoint : null, epoch.AddMilliseconds(start), TimeSpan.FromMilliseconds(writer.DurationMs), writer.Length, codecs, _lostBefore + _recording.Streams.Sum(s => s.Lost), gaps);
    }

    /// <inheritdoc/>
    public void Dispose() => _disk.Dispose();
}
