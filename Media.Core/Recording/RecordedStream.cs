using Parley.Media.Core.Audio;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;

namespace Parley.Media.Core.Recording;

/// <summary>A time for which a stream could not be recorded because packets were lost.</summary>
/// <param name="StreamId">The stream.</param>
/// <param name="FromMs">Its start, on the relay's clock.</param>
/// <param name="ToMs">Its end.</param>
public readonly record struct RecordingGap(string StreamId, long FromMs, long ToMs);

/// <summary>One stream of a recording: from RTP packets, in whatever order they came, to frames of a file. One thread.</summary>
public sealed class RecordedStream
{
    // A player can jump to keyframes only, and a lost one costs that much.
    private const long KeyframeEveryMs = 10_000, AskEveryMs = 1_000;

    private const long SmoothMs = 10, MostOverlapMs = 15, MostBetweenMs = 500;

    private readonly EndpointRecording _recording;
    private readonly PacketOrder _order = new();
    private readonly CaptureClock _clock;
    private readonly FrameAssembler _frames = new();
    private readonly Dictionary<RecordedCodec, int> _tracks = [];
    private long _lastMs;
    private long _endMs = long.MinValue, _keyMs = long.MinValue / 2, _askedMs = long.MinValue / 2, _arrivalMs;
    private long? _captureMs, _gapMs;
    private uint _arrivalOf, _lastOf;

    internal RecordedStream(EndpointRecording recording, string id, bool isVideo) => (_recording, Id, IsVideo, _clock) = (recording, id, isVideo, new(isVideo ? 90_000 : 48_000));

    /// <summary>The caller's id.</summary>
    public string Id { get; }

    /// <summary>Video, else audio.</summary>
    public bool IsVideo { get; }

    /// <summary>Packets that never came.</summary>
    public long Lost => _order.Lost;

    /// <summary>Frames that are in the file.</summary>
    public long Frames { get; private set; }

    /// <summary>Takes a packet.</summary>
    public void Put(in RecordedPacket packet, ReadOnlySpan<byte> payload) => _order.Put(packet, payload);

    /// <summary>Whether the sender is to be asked for a keyframe now: at the start, after a loss, and from time to time.</summary>
    public bool WantsKeyframe(long nowMs)
    {
        if (!IsVideo || nowMs - _askedMs < AskEveryMs || !(_frames.NeedsKeyframe || nowMs - _keyMs >= KeyframeEveryMs)) return false;
        _askedMs = nowMs;
        return true;
    }

    /// <summary>The file's tracks that it wrote, which a successor goes on with.</summary>
    internal IReadOnlyDictionary<RecordedCodec, int> Tracks => _tracks;

    internal void Drain(long nowMs)
    {
        while (_order.TryTake(nowMs, out var packet, out var payload, out var isAfterGap))
        {
            if (isAfterGap) OnGap();
            if (packet.Codec == RecordedCodec.None || payload.IsEmpty) continue;
            if (IsVideo) TakeVideo(packet, payload);
            else if (packet.Codec == RecordedCodec.Opus) TakeAudio(packet, payload);
        }
    }

    private void OnGap()
    {
        if (IsVideo) _frames.OnGap();
        if (_endMs != long.MinValue) _gapMs ??= _endMs;
    }

    private void TakeAudio(in RecordedPacket packet, ReadOnlySpan<byte> payload)
    {
        var samples = OpusPacket.Samples(payload);
        if (samples == 0) return; // no decoder would take it
        var timeMs = _clock.TimeOf(packet.Timestamp, packet.CaptureMs, packet.ArrivalMs);
        timeMs = _recording.Shift(timeMs, _endMs, SmoothMs);
        var ahead = _endMs == long.MinValue ? long.MaxValue : timeMs - _endMs;
        // What is rounding, or a clock that drifts, is not heard as long as one packet follows the other; what would be heard twice is left out.
        if (ahead < -MostOverlapMs) return;
        if (Math.Abs(ahead) <= SmoothMs) timeMs = _endMs;
        Write(packet.Codec, RecordedTrack.Opus, timeMs, (samples + 47) / 48, isKey: true, payload);
    }

    private void TakeVideo(in RecordedPacket packet, ReadOnlySpan<byte> payload)
    {
        var isNew = packet.Timestamp != _arrivalOf;
        (_arrivalOf, _arrivalMs, _captureMs) = (packet.Timestamp, isNew ? packet.ArrivalMs : Math.Min(_arrivalMs, packet.ArrivalMs), packet.CaptureMs);
        var format = packet.Codec == RecordedCodec.Vp9 ? PayloadFormat.Vp9 : PayloadFormat.Vp8;
        if (_frames.Put(format, packet.Timestamp, packet.Marker, payload) != AssembledPacket.Frame)
        {
            if (_frames.NeedsKeyframe && _endMs != long.MinValue) _gapMs ??= _endMs;
            return;
        }

        var timeMs = _clock.TimeOf(_frames.Timestamp, _captureMs, _arrivalMs);
        var step = (int)(_frames.Timestamp - _lastOf) / 90;
        timeMs = _recording.Shift(timeMs, _endMs != long.MinValue && step is > 0 and < (int)MostBetweenMs ? _lastMs + step : long.MinValue, SmoothMs / 2);
        RecordedTrack? track = null;
        if (_frames.IsKey)
        {
            var isRead = packet.Codec == RecordedCodec.Vp9 ? KeyframeSize.TryReadVp9(_frames.Frame, out var width, out var height) : KeyframeSize.TryReadVp8(_frames.Frame, out width, out height);
            if (!isRead)
            {
                OnGap(); // says that it is one and is not: no decoder would take it
                return;
            }

            (_keyMs, track) = (timeMs, RecordedTrack.Picture(packet.Codec == RecordedCodec.Vp9, width, height));
        }

        (_lastOf, _lastMs) = (_frames.Timestamp, timeMs);
        Write(packet.Codec, track, timeMs, 0, _frames.IsKey, _frames.Frame);
    }

    private void Write(RecordedCodec codec, RecordedTrack? track, long timeMs, long durationMs, bool isKey, ReadOnlySpan<byte> frame)
    {
        if (!_tracks.TryGetValue(codec, out var number))
        {
            if (track is null) return; // another codec begins, and not with a keyframe
            _tracks.Add(codec, number = _recording.TrackFor(codec, track, timeMs));
        }

        if (number == 0 || !_recording.Writer.Write(number, timeMs, durationMs, isKey, frame)) return;
        if (_gapMs is { } from) _recording.AddGap(new(Id, from, timeMs));
        (_gapMs, _endMs) = (null, timeMs + durationMs);
        Frames++;
    }
}
