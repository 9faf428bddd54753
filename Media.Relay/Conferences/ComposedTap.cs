using Parley.Media.Core.Recording;
using Parley.Media.Relay.Pictures;
using Parley.Media.Relay.Recording;

namespace Parley.Media.Relay.Conferences;

/// <summary>The composed picture on its way into a recording, each frame at the time at which the mix has what was said when it was taken. On the worker's thread.</summary>
/// <param name="tap">Where it goes.</param>
internal sealed class ComposedTap(RecordingTap tap)
{
    private const double EarliestMs = -3_000, LatestMs = 300;

    private double _offsetMs = -VoiceAges.UsualMs;
    private (int Source, long CaptureMs) _last = (-1, PictureMoment.Unknown);
    private long _lastMs, _timeMs;

    /// <summary>Where it goes.</summary>
    public RecordingTap Tap { get; } = tap;

    /// <summary>A frame is about to come.</summary>
    /// <param name="moment">Of when it is.</param>
    /// <param name="speaker">Whose picture in it matters most; null for nobody's.</param>
    public void Begin(in PictureMoment moment, ConferenceEndpoint? speaker)
    {
        // A picture that was shown before tells nothing: it stands still.
        if (speaker is not null && moment.CaptureMs != PictureMoment.Unknown && _last != (moment.Source, moment.CaptureMs))
        {
            _last = (moment.Source, moment.CaptureMs);
            var offset = moment.CaptureMs + VoiceAges.Of(speaker) - VoiceAges.UsualMs - moment.MadeMs;
            if (offset is > EarliestMs and < LatestMs) _offsetMs = offset;
        }

        _timeMs = _lastMs = Math.Max(_lastMs + 1, (long)Math.Round(moment.MadeMs + _offsetMs));
    }

    /// <summary>A packet of it.</summary>
    public void Put(RecordedCodec codec, bool marker, ReadOnlySpan<byte> payload) => Tap.PutMade(codec, marker, payload, _timeMs);
}
