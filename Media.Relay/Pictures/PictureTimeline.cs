using Parley.Media.Relay.Mixing;

namespace Parley.Media.Relay.Pictures;

/// <summary>
/// Pictures that are composed some time after the moment that they show, when all of that moment has come: a recording is not in a hurry, and so picture and sound are together in it whatever was late, and
/// however late the machine itself is. Frames and changes wait here for the moment that they belong to. On the mixer's thread.
/// </summary>
/// <param name="delayMs">How long after a moment it is composed.</param>
internal sealed class PictureTimeline(long delayMs)
{
    // A machine that cannot keep up leaves moments out.
    private const long MostBehindMs = 2_000;

    private readonly Dictionary<int, Queue<PictureFrame>> _frames = [];
    private readonly Queue<(long FromMs, Action Change)> _changes = new();
    private long _nextMs = long.MinValue;

    /// <summary>When the next moment is due.</summary>
    public long DueMs => _nextMs + delayMs;

    /// <summary>Holds a frame until its moment.</summary>
    public void Add(in PictureFrame frame)
    {
        if (!_frames.TryGetValue(frame.Id, out var queue)) _frames.Add(frame.Id, queue = new());
        queue.Enqueue(frame);
    }

    /// <summary>Holds a change until its moment.</summary>
    public void Add(long fromMs, Action change) => _changes.Enqueue((fromMs, change));

    /// <summary>The next moment to be composed, once it is due.</summary>
    /// <param name="nowMs">The time.</param>
    /// <param name="isLast">Whether nothing more will come: then what has come is composed without waiting.</param>
    /// <param name="momentMs">The moment.</param>
    /// <param name="skipped">How many moments were left out before it.</param>
    /// <returns>False where it is too early.</returns>
    public bool TryNext(long nowMs, bool isLast, out long momentMs, out long skipped)
    {
        if (_nextMs == long.MinValue) _nextMs = nowMs;
        var behind = nowMs - DueMs;
        skipped = !isLast && behind > MostBehindMs ? behind / Renditions.IntervalMs : 0;
        _nextMs += skipped * Renditions.IntervalMs;
        momentMs = _nextMs;
        if (momentMs > nowMs - (isLast ? 0 : delayMs)) return false;
        _nextMs += Renditions.IntervalMs;
        while (_changes.TryPeek(out var change) && change.FromMs <= momentMs) _changes.Dequeue().Change();
        return true;
    }

    /// <summary>
    /// The next frame that belongs to a moment or one before it: that is whichever moment is nearest to when what was said with it is heard in the file, where the mix is earlier than it was made by
    /// <see cref="HeardTimes.UsualAgeMs"/>.
    /// </summary>
    public bool TryTake(long momentMs, out PictureFrame frame)
    {
        const long half = Renditions.IntervalMs / 2;
        foreach (var queue in _frames.Values)
        {
            if (!queue.TryPeek(out frame) || frame.TimeMs > half + (frame.Heard?.SaidAt(momentMs + HeardTimes.UsualAgeMs) ?? momentMs)) continue;
            queue.Dequeue();
            if (queue.Count == 0) _frames.Remove(frame.Id);
            return true;
        }

        frame = default;
        return false;
    }

    /// <summary>All frames that wait, so that they can be given back.</summary>
    public IEnumerable<PictureFrame> TakeAll()
    {
        foreach (var frame in _frames.Values.SelectMany(q => q)) yield return frame;
        _frames.Clear();
    }
}
