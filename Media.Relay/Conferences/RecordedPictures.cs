using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Recording;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Pictures;
using Parley.Media.Relay.Recording;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>
/// The picture of everybody that a recording has beside the mix. It is made apart from those that are watched, a second after they are: everybody's pictures wait until what was said with them is in the mix, so
/// that in the file they are together, however late either came (decision 057). On the worker's thread.
/// </summary>
internal sealed class RecordedPictures(TransportServices services)
{
    /// <summary>How long after a moment its picture is made, in milliseconds: whatever is later than its sound by more is shown too late.</summary>
    public const long DelayMs = 1_000;

    private const long PeopleMs = 100, RetryMs = 5_000;

    private readonly PictureSources _sources = new(services.Ntp);
    private readonly PeopleList _people = new();
    private readonly VideoPackets _cutter = new(PayloadFormat.Vp8);
    private readonly byte[] _payload = new byte[VideoPackets.MaxPayload];
    private ConferenceRecording? _recording;
    private ConferencePictures? _pictures;
    private Action? _finished;
    private long _nextPeopleMs, _retryMs = long.MinValue;

    /// <summary>What of the conference is recorded now; null for nothing.</summary>
    public void Record(ConferenceRecording? recording, long nowMs)
    {
        var wanted = recording is { Spec.Composed: true } && services.Pictures is not null ? recording : null;
        if (wanted == _recording) return;
        End(nowMs);
        _recording = wanted;
        _retryMs = long.MinValue;
    }

    /// <summary>Does what is due; every 20 ms.</summary>
    public void Tick(IReadOnlyCollection<ConferenceEndpoint> endpoints, SpeakerDetector speakers, long nowMs)
    {
        if (_recording is null) return;
        if (_pictures is { HasFailed: true })
        {
            End(nowMs, isBroken: true);
            _retryMs = nowMs + RetryMs;
        }

        if (_pictures is null && (nowMs < _retryMs || !TryBegin(nowMs))) return;
        if (nowMs >= _nextPeopleMs)
        {
            var fromMs = _nextPeopleMs == 0 ? 0 : nowMs; // the first are there from the first moment on
            _nextPeopleMs = nowMs + PeopleMs;
            LookAround(endpoints, speakers, fromMs, nowMs);
        }

        _sources.Tick(nowMs);
    }

    /// <summary>What has come is made and goes into the file; then that is done with.</summary>
    public void End(long nowMs) => End(nowMs, isBroken: false);

    private void End(long nowMs, bool isBroken)
    {
        _sources.Clear();
        _people.Clear();
        _nextPeopleMs = 0;
        _pictures?.Finish(nowMs, _finished!);
        _pictures = null;
        if (!isBroken) _recording = null;
    }

    private bool TryBegin(long nowMs)
    {
        var recording = _recording!;
        RecordingTap? tap = null;
        if (services.Pictures!.Open((_, frame, isKeyframe, momentMs, _) => Put(tap!, frame, isKeyframe, momentMs), DelayMs) is not { } pictures)
        {
            _retryMs = nowMs + RetryMs;
            return false;
        }

        var output = pictures.AddGrid(Renditions.All[0], VideoCoding.Vp8, isRecorded: true);
        tap = recording.AddComposed(() => pictures.RequestKeyframe(output));
        recording.Hold();
        _finished = () =>
        {
            recording.Remove(tap);
            recording.Release();
        };
        _pictures = pictures;
        return true;
    }

    private void Put(RecordingTap tap, ReadOnlySpan<byte> frame, bool isKeyframe, long momentMs)
    {
        var count = _cutter.Begin(frame);
        for (var i = 0; i < count; i++) tap.PutMade(RecordedCodec.Vp8, i == count - 1, _payload.AsSpan(0, _cutter.Write(_payload, frame, isKeyframe, i, count)), momentMs);
    }

    private void LookAround(IReadOnlyCollection<ConferenceEndpoint> endpoints, SpeakerDetector speakers, long fromMs, long nowMs)
    {
        var seen = PeopleList.Choose(endpoints, speakers);
        _sources.Keep(seen.Select(p => p.Track).OfType<RelayTrack>().ToHashSet(), _pictures, nowMs);
        if (_people.Update(seen, speakers, t => _sources.IdOf(t, _pictures!, nowMs))) _pictures!.Show(_people.Current, fromMs);
    }
}
