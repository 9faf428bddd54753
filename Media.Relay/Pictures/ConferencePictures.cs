using System.Collections.Concurrent;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Pictures;

/// <summary>
/// A conference's pictures between the worker, where packets come and go, and the mixer's thread, where they are decoded, drawn and encoded. Changes and frames go one way, what is
/// made the other, each through a queue that is bounded and not locked.
/// </summary>
internal sealed class ConferencePictures : IDisposable
{
    /// <summary>What waits at most; a thread that is this far behind shows nothing in time anyway.</summary>
    private const int MaxFrames = 512, MaxBytes = 8 << 20, MaxMade = 64;

    /// <summary>The same where frames are to wait.</summary>
    private const int MaxHeldFrames = 4 * MaxFrames, MaxHeldBytes = 4 * MaxBytes;

    private readonly ConcurrentQueue<Action> _changes = new();
    private readonly ConcurrentQueue<PictureFrame> _in = new();
    private readonly ConcurrentQueue<PictureFrame> _out = new();
    private readonly Dictionary<int, PictureSource> _sources = [];
    private readonly ConcurrentDictionary<int, IPictureOutput> _outputs = new();
    private readonly INamePainter? _names;
    private readonly PictureDelivery _deliver;
    private readonly PictureWriter _write;
    private readonly Func<int, PictureSource?> _find;
    private readonly Func<Action, bool>? _post;
    private readonly Action? _wake;
    private readonly Action _drain;
    private readonly PictureCounters _counters;
    private readonly PictureTimeline? _timeline;
    private int _nextId, _isPosted, _frames, _bytes, _made;
    private long _moment, _nextMs = long.MinValue, _lastMs = long.MaxValue, _nowMs;
    private IReadOnlyList<PersonView> _people = [];
    private volatile bool _isClosed, _hasFailed, _hasFinished;
    private Action? _finished;

    /// <summary>Makes a conference's pictures.</summary>
    /// <param name="deliver">Takes what is made, on the worker's thread.</param>
    /// <param name="names">Writes names; null where that is off.</param>
    /// <param name="post">Runs work on the worker's thread; null where <see cref="Drain"/> is called by hand.</param>
    /// <param name="wake">Wakes whoever calls <see cref="Work"/>.</param>
    /// <param name="counters">Counts what is done.</param>
    /// <param name="delayMs">How long after a moment the picture of it is made (<see cref="PictureTimeline"/>); 0 for at once, of what is there.</param>
    public ConferencePictures(PictureDelivery deliver, INamePainter? names, Func<Action, bool>? post, Action? wake, PictureCounters? counters = null, long delayMs = 0)
    {
        _counters = counters ?? new();
        _timeline = delayMs > 0 ? new(delayMs) : null;
        (_deliver, _names, _post, _wake) = (deliver, names, post, wake);
        (_write, _find, _drain) = (Write, id => _sources.GetValueOrDefault(id), () => Drain(WorkerClock.NowMs));
    }

    /// <summary>Whether the worker is done with it.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Whether nothing is made any more, for a fault.</summary>
    public bool HasFailed => _hasFailed;

    /// <summary>Notes that nothing is made any more. From any thread.</summary>
    public void Fail()
    {
        _hasFailed = true;
        Post();
    }

    /// <summary>Who is shown from now on; on the worker's thread, as all that follows to <see cref="Drain"/>.</summary>
    /// <param name="people">Who.</param>
    /// <param name="nowMs">The time, where moments are made later.</param>
    public void Show(IReadOnlyList<PersonView> people, long nowMs = 0) => Change(nowMs, () => _people = people);

    /// <summary>Adds somebody's pictures.</summary>
    /// <param name="onLost">Called on the mixer's thread when a frame could not be decoded.</param>
    public int AddSource(Action onLost)
    {
        var id = _nextId++;
        _changes.Enqueue(() => _sources.Add(id, new(onLost)));
        return id;
    }

    /// <summary>Removes somebody's pictures.</summary>
    /// <param name="id">Which.</param>
    /// <param name="nowMs">The time, where moments are made later.</param>
    public void RemoveSource(int id, long nowMs = 0) => Change(nowMs, () =>
    {
        if (_sources.Remove(id, out var source)) source.Dispose();
    });

    /// <summary>Adds the composed picture in one size and codec.</summary>
    public int AddGrid(Rendition rendition, VideoCoding coding, bool isRecorded = false) => Add(id => new GridOutput(id, rendition, coding, isRecorded, _names, _counters));

    /// <summary>Adds one source's pictures in another codec.</summary>
    public int AddTranscoding(int source, VideoCoding coding) => Add(id => new TranscodeOutput(id, source, coding, _counters));

    /// <summary>Removes an output.</summary>
    public void RemoveOutput(int id) => _changes.Enqueue(() =>
    {
        if (_outputs.TryRemove(id, out var output)) EndOutput(output);
    });

    /// <summary>Somebody cannot decode an output without a keyframe.</summary>
    public void RequestKeyframe(int id) => _changes.Enqueue(() => _outputs.GetValueOrDefault(id)?.RequestKeyframe());

    /// <summary>A frame of a source came; false if too much waits already, and it is lost.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="frame">Its head.</param>
    /// <param name="data">The frame.</param>
    /// <param name="takenMs">When it was taken, where moments are made later; a source's do not go back.</param>
    /// <param name="heard">When what is heard with it was said.</param>
    public bool Put(int source, in VideoFrame frame, ReadOnlySpan<byte> data, long takenMs = 0, HeardTimes? heard = null)
    {
        var (frames, bytes) = _timeline is null ? (MaxFrames, MaxBytes) : (MaxHeldFrames, MaxHeldBytes);
        if (Volatile.Read(ref _frames) >= frames || Volatile.Read(ref _bytes) + data.Length > bytes)
        {
            _counters.CountLost(PictureLoss.Behind);
            return false;
        }

        Interlocked.Increment(ref _frames);
        Interlocked.Add(ref _bytes, data.Length);
        _in.Enqueue(PictureFrame.Of(source, frame, data, takenMs, heard));
        _wake?.Invoke();
        return true;
    }

    /// <summary>Nothing more comes: what has come is made and delivered, then it is closed. Only where moments are made later.</summary>
    /// <param name="nowMs">The last moment.</param>
    /// <param name="finished">Called once all is delivered, or cannot be.</param>
    public void Finish(long nowMs, Action finished)
    {
        _finished = finished;
        Volatile.Write(ref _lastMs, nowMs);
        _wake?.Invoke();
        if (_hasFailed) End();
    }

    /// <summary>The worker is done with it.</summary>
    public void Close()
    {
        _isClosed = true;
        _wake?.Invoke();
    }

    /// <summary>Delivers what was made.</summary>
    public void Drain(long nowMs)
    {
        Volatile.Write(ref _isPosted, 0);
        var isOver = _hasFinished || _hasFailed; // before the queue is emptied
        while (_out.TryDequeue(out var made))
        {
            Interlocked.Decrement(ref _made);
            if (!_isClosed) _deliver(made.Id, made.Data, made.Head.IsKeyframe, made.TimeMs, nowMs);
            made.Return();
        }

        if (isOver) End();
    }

    /// <summary>Decodes what came, and composes if it is time to; on the mixer's thread.</summary>
    /// <returns>When it is time again.</returns>
    public long Work(long nowMs)
    {
        _nowMs = nowMs;
        while (_changes.TryDequeue(out var change)) change();
        while (_in.TryDequeue(out var frame))
        {
            if (_timeline is null) Take(frame, nowMs);
            else _timeline.Add(frame);
        }

        var next = _timeline is null ? ComposeNow(nowMs) : ComposeLater(_timeline, nowMs);
        if (!_out.IsEmpty || _hasFinished) Post();
        return next;
    }

    private long ComposeNow(long nowMs)
    {
        if (nowMs < _nextMs) return _nextMs;
        // A picture that is late is not made up for.
        if (_nextMs != long.MinValue && !_outputs.IsEmpty) _counters.CountLost(PictureLoss.Late, (nowMs - _nextMs) / Renditions.IntervalMs);
        _nextMs = _nextMs + Renditions.IntervalMs > nowMs ? _nextMs + Renditions.IntervalMs : nowMs + Renditions.IntervalMs;
        Compose(nowMs);
        return _nextMs;
    }

    private long ComposeLater(PictureTimeline timeline, long nowMs)
    {
        var lastMs = Volatile.Read(ref _lastMs);
        var isLast = lastMs != long.MaxValue;
        if (timeline.TryNext(isLast ? lastMs : nowMs, isLast, out var momentMs, out var skipped))
        {
            while (timeline.TryTake(momentMs, out var frame)) Take(frame, momentMs);
            Compose(momentMs);
        }
        else if (isLast) _hasFinished = true;
        _counters.CountLost(PictureLoss.Late, skipped);
        return isLast && !_hasFinished ? nowMs : timeline.DueMs;
    }

    private void Compose(long momentMs)
    {
        _moment++;
        foreach (var output in _outputs.Values) output.Compose(_moment, _people, _find, _write, momentMs);
    }

    // Where there is no worker any more nobody is left to take anything.
    private void Post()
    {
        if (_post is null || Interlocked.Exchange(ref _isPosted, 1) != 0 || _post(_drain)) return;
        Volatile.Write(ref _isPosted, 0);
        if (_hasFinished || _hasFailed) End();
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _finished, null) is not { } finished) return;
        Close();
        finished();
    }

    private void Change(long fromMs, Action change)
    {
        if (_timeline is null) _changes.Enqueue(change);
        else _changes.Enqueue(() => _timeline.Add(fromMs, change));
    }

    /// <summary>Frees what it holds; on the mixer's thread.</summary>
    public void Dispose()
    {
        foreach (var output in _outputs.Values) EndOutput(output);
        foreach (var source in _sources.Values) source.Dispose();
        while (_in.TryDequeue(out var frame)) frame.Return();
        foreach (var held in _timeline?.TakeAll() ?? []) held.Return();
    }

    private int Add(Func<int, IPictureOutput> make)
    {
        var id = _nextId++;
        _changes.Enqueue(() => _counters.CountEncoder(_outputs[id] = make(id), 1));
        return id;
    }

    private void EndOutput(IPictureOutput output)
    {
        _counters.CountEncoder(output, -1);
        output.Dispose();
    }

    private void Take(in PictureFrame frame, long nowMs)
    {
        Interlocked.Decrement(ref _frames);
        Interlocked.Add(ref _bytes, -frame.Length);
        if (!_sources.TryGetValue(frame.Id, out var source))
        {
            // It is gone.
        }
        else if (!source.Put(frame.Head, frame.Data)) _counters.CountLost(PictureLoss.Undecoded);
        else
        {
            foreach (var output in _outputs.Values) output.OnPicture(frame.Id, source, _write, nowMs);
        }

        frame.Return();
    }

    private void Write(int output, ReadOnlySpan<byte> data, bool isKeyframe, long momentMs)
    {
        if (Volatile.Read(ref _made) >= MaxMade)
        {
            // The worker takes nothing for the moment; without this one the next could not be decoded.
            _outputs[output].RequestKeyframe();
            _counters.CountLost(PictureLoss.Undelivered);
            return;
        }

        _counters.CountMade(_outputs[output].IsComposed, _nowMs);
        Interlocked.Increment(ref _made);
        _out.Enqueue(PictureFrame.Of(output, new(PayloadFormat.Opaque, isKeyframe, 0, 0), data, momentMs));
    }
}
