using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;

namespace Parley.Media.Relay.Pictures;

/// <summary>One source's pictures in another codec, as they come.</summary>
internal sealed class TranscodeOutput(int id, int source, VideoCoding coding, PictureCounters counters) : IPictureOutput
{
    private const int MaxWidth = 1280, MaxHeight = 720, Rate = 30;
    private const int MinBitrate = 150_000, MaxBitrate = 2_000_000;

    private IPictureEncoder? _encoder;
    private PictureCanvas? _canvas;
    private int _wantsKeyframe = 1;

    /// <inheritdoc/>
    public PayloadFormat Format => coding.Format;

    /// <inheritdoc/>
    public bool IsComposed => false;

    /// <inheritdoc/>
    public void RequestKeyframe() => Volatile.Write(ref _wantsKeyframe, 1);

    /// <inheritdoc/>
    public void OnPicture(int from, PictureSource picture, PictureWriter write, long nowMs)
    {
        if (from != source || picture.Picture is not { } view) return;
        var (width, height) = SizeOf(picture.Size);
        if (_encoder is null || _encoder.Settings.Width != width || _encoder.Settings.Height != height) Open(width, height);
        _canvas!.Draw(view, new TileArea(0, 0, width, height), picture.Rotation);
        var asKeyframe = Interlocked.Exchange(ref _wantsKeyframe, 0) != 0;
        _encoder!.Encode(_canvas.Buffer, nowMs * 90, asKeyframe, out var frame, out var isKeyframe);
        if (!frame.IsEmpty)
        {
            write(id, frame, isKeyframe, nowMs);
            return;
        }

        if (asKeyframe) RequestKeyframe();
        counters.CountLost(PictureLoss.Rate);
    }

    /// <inheritdoc/>
    public void Compose(long moment, IReadOnlyList<PersonView> people, Func<int, PictureSource?> sourceOf, PictureWriter write, long nowMs)
    {
        // It has no moments of its own.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder?.Dispose();
        _canvas?.Dispose();
    }

    private (int Width, int Height) SizeOf((int Width, int Height) size)
    {
        // The shape is kept; of a picture on its side the limits are too.
        var (maxWidth, maxHeight) = size.Width >= size.Height ? (MaxWidth, MaxHeight) : (MaxHeight, MaxWidth);
        var scale = Math.Min(1, Math.Min((double)maxWidth / size.Width, (double)maxHeight / size.Height));
        (int, int) At(double by) => (Math.Max(16, (int)(size.Width * by) & ~1), Math.Max(16, (int)(size.Height * by) & ~1));
        // By steps of a tenth down to what the receiver's level allows; where it allows nothing it was not negotiated.
        for (; At(scale) is var (width, height) && !coding.Allows(width, height, Rate) && width + height > 32; scale *= 0.9)
        {
        }

        return At(scale);
    }

    private void Open(int width, int height)
    {
        Dispose();
        _canvas = new(width, height);
        _encoder = PictureCodecs.Encoder(new(coding, width, height, Rate, coding.Bound(Math.Clamp(width * height * 26 / 10, MinBitrate, MaxBitrate))));
        RequestKeyframe();
    }
}
