namespace Parley.Media.Core.Recording;

/// <summary>
/// Puts a track's pictures on a grid of 5 ms, of which no two take the same place. FFmpeg guesses a frame rate from a file's first pictures and rounds all others to it; where a camera first runs evenly and later
/// does not, two then have one time, which it complains of. Of times that have no measure in common but 5 ms it takes that for the rate (libavformat's <c>ff_rfps_calculate</c>), and rounds nothing.
/// </summary>
internal sealed class PictureTimes
{
    /// <summary>The grid. Finer than 200 a second FFmpeg takes for a mistake, and the average for the rate.</summary>
    public const long StepMs = 5;

    // FFmpeg looks at the differences from the fourth on, and has made up its mind after forty frames; it needs sixteen.
    private const int FirstLooked = 5, Decided = 10;

    private long _lastMs = long.MinValue / 2, _measureMs;
    private int _count;

    /// <summary>The time of the next picture.</summary>
    /// <param name="timeMs">When it is shown.</param>
    /// <param name="leastMs">The earliest that it may be shown.</param>
    public long Next(long timeMs, long leastMs)
    {
        var next = Math.Max(Round(timeMs), _lastMs + StepMs);
        if (next < leastMs) next = Round(leastMs + StepMs - 1);
        // A camera of 25 or 20 frames a second has a coarser measure so far: one frame is a step late, and it is the grid's.
        if (_count == Decided && Measure(next) > StepMs) next += StepMs;
        if (_count >= FirstLooked) _measureMs = Measure(next);
        _count++;
        return _lastMs = next;
    }

    private static long Round(long ms) => (long)Math.Round(ms / (double)StepMs) * StepMs;

    // The greatest common divisor of all differences so far and the next one, by Euclid.
    private long Measure(long nextMs)
    {
        var (a, b) = (_measureMs, nextMs - _lastMs);
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }
}
