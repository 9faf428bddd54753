using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;

namespace Parley.Media.Relay.Pictures;

/// <summary>The composed picture in one size and codec.</summary>
internal sealed class GridOutput : IPictureOutput
{
    // FFmpeg guesses a file's rate from what it sees first: one picture a second would be it (PictureTimes).
    private const int AwakeFor = 45;

    // A picture in which nothing moves is sent on, but seldom: so that it is seen to live.
    private const long StillMs = 1_000;

    private readonly int _id;
    private readonly Rendition _rendition;
    private readonly GridPicture _grid;
    private readonly IPictureEncoder _encoder;
    private readonly PictureCounters _counters;
    private int _wantsKeyframe = 1;
    private long _lastMs = long.MinValue / 2;
    private bool _isChanged;
    private int _awake;

    /// <summary>Makes an output.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="rendition">The size and rate.</param>
    /// <param name="coding">In what it is made.</param>
    /// <param name="isRecorded">Whether it goes into a file: then at first also what has not changed is made, and nothing is left out.</param>
    /// <param name="names">Writes names; null where that is off.</param>
    /// <param name="counters">Counts what is done.</param>
    public GridOutput(int id, Rendition rendition, VideoCoding coding, bool isRecorded, INamePainter? names, PictureCounters counters)
    {
        (_id, _rendition, _counters, Format, _awake) = (id, rendition, counters, coding.Format, isRecorded ? AwakeFor : 0);
        _encoder = PictureCodecs.Encoder(Renditions.SettingsOf(rendition, coding) with { MayDrop = !isRecorded });
        _grid = new(rendition.Width, rendition.Height, names);
    }

    /// <inheritdoc/>
    public PayloadFormat Format { get; }

    /// <inheritdoc/>
    public bool IsComposed => true;

    /// <inheritdoc/>
    public void RequestKeyframe() => Volatile.Write(ref _wantsKeyframe, 1);

    /// <inheritdoc/>
    public void OnPicture(int source, PictureSource picture, PictureWriter write, long nowMs)
    {
        // It is drawn at the next moment.
    }

    /// <inheritdoc/>
    public void Compose(long moment, IReadOnlyList<PersonView> people, Func<int, PictureSource?> sourceOf, PictureWriter write, long nowMs)
    {
        if (moment % _rendition.Divisor != 0) return;
        _isChanged |= _grid.Draw(people, sourceOf);
        if (_awake > 0) _awake--;
        else if (!_isChanged && Volatile.Read(ref _wantsKeyframe) == 0 && nowMs - _lastMs < StillMs) return;
        var asKeyframe = Interlocked.Exchange(ref _wantsKeyframe, 0) != 0;
        _encoder.Encode(_grid.Buffer, nowMs * 90, asKeyframe, out var frame, out var isKeyframe);
        if (frame.IsEmpty)
        {
            if (asKeyframe) RequestKeyframe();
            _counters.CountLost(PictureLoss.Rate);
            return; // left out to keep the rate: what changed goes with the next
        }

        (_lastMs, _isChanged) = (nowMs, false);
        write(_id, frame, isKeyframe, nowMs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _grid.Dispose();
    }
}
