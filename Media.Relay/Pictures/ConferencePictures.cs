using System.Buffers;
using System.Collections.Concurrent;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
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

    private readonly ConcurrentQueue<Action> _changes = new();
    private readonly ConcurrentQueue<Frame> _in = new();
    private readonly ConcurrentQueue<Frame> _out = new();
    private readonly Dictionary<int, PictureSource> _sources = [];
    private readonly ConcurrentDictionary<int, IPictureOutput> _outputs = new();
    private readonly INamePainter? _names;
    private readonly PictureWriter _deliver, _write;
    private readonly Func<int, PictureSource?> _find;
    private readonly Func<Action, bool>? _post;
    private readonly Action? _wake;
    private readonly Action _drain;
    private readonly PictureCounters _counters;
    private int _nextId, _isPosted, _frames, _bytes, _made;
    private long _moment, _nextMs = long.MinValue;
    private IReadOnlyList<PersonView> _people = [];
    private volatile bool _isClosed, _hasFailed;

    /// <summary>Makes a conference's pictures.</summary>
    /// <param name="deliver">Takes what is made, on the worker's thread.</param>
    /// <param name="names">Writes names; null where that is off.</param>
    /// <param name="post">Runs work on the worker's thread; null where <see cref="Drain"/> is called by hand.</param>
    /// <param name="wake">Wakes whoever calls <see cref="Work"/>.</param>
    /// <param name="counters">Counts what is done.</param>
    public ConferencePictures(PictureWriter deliver, INamePainter? names, Func<Action, bool>? post, Action? wake, PictureCounters? counters = null)
    {
        _counters = counters ?? new();
        (_deliver, _names, _post, _wake) = (deliver, names, post, wake);
        (_write, _find, _drain) = (Write, id => _sources.GetValueOrDefault(id), () => Drain(WorkerClock.NowMs));
    }

    /// <summary>Whether the worker is done with it.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Whether nothing is made any more, for a fault.</summary>
    public bool HasFailed => _hasFailed;

    /// <summary>Notes that nothing is made any more. From any thread.</summary>
    public void Fail() => _hasFailed = true;

    /// <summary>Who is shown from now on; on the worker's thread, as all that follows to <see cref="Drain"/>.</summary>
    public void Show(IReadOnlyList<PersonView> people) => Volatile.Write(ref _people, people);

    /// <summary>Adds somebody's pictures.</summary>
    /// <param name="onLost">Called on the mixer's thread when a frame could not be decoded.</param>
    public int AddSource(Action onLost)
    {
        var id = _nextId++;
        _changes.Enqueue(() => _sources.Add(id, new(onLost)));
        return id;
    }

    /// <summary>Removes somebody's pictures.</summary>
    public void RemoveSource(int id) => _changes.Enqueue(() =>
    {
        if (_sources.Remove(id, out var source)) source.Dispose();
    });

    /// <summary>Adds the composed picture in one size and codec.</summary>
    public int AddGrid(Rendition rendition, VideoCoding coding) => Add(id => new GridOutput(id, rendition, coding, _names, _counters));

    /// <summary>Adds one source's pictures in another codec.</summary>
    public int AddTranscoding(int source, VideoCoding coding) => Add(id => new TranscodeOutput(id, source, coding, _counters));

    /// <summary>Removes an output.</summary>
    public void RemoveOutput(int id) => _changes.Enqueue(() =>
    {
        if (_outputs.TryRemove(id, out var output)) End(output);
    });

    /// <summary>Somebody cannot decode an output without a keyframe.</summary>
    public void RequestKeyframe(int id) => _changes.Enqueue(() => _outputs.GetValueOrDefault(id)?.RequestKeyframe());

    /// <summary>A recording of an output begins.</summary>
    public void Awake(int id) => _changes.Enqueue(() => _outputs.GetValueOrDefault(id)?.Awake());

    /// <summary>A frame of a source came; false if too much waits already, and it is lost.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="frame">Its head.</param>
    /// <param name="data">The frame.</param>
    /// <param name="captureMs">When it was taken, by its sender's reports.</param>
    public bool Put(int source, in VideoFrame frame, ReadOnlySpan<byte> data, long captureMs = PictureMoment.Unknown)
    {
        if (Volatile.Read(ref _frames) >= MaxFrames || Volatile.Read(ref _bytes) + data.Length > MaxBytes)
        {
            _counters.CountLost(PictureLoss.Behind);
            return false;
        }

        Interlocked.Increment(ref _frames);
        Interlocked.Add(ref _bytes, data.Length);
        _in.Enqueue(Frame.Of(source, frame, data, new(0, source, captureMs)));
        _wake?.Invoke();
        return true;
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
        while (_out.TryDequeue(out var made))
        {
            Interlocked.Decrement(ref _made);
            if (!_isClosed) _deliver(made.Id, made.Data, made.Head.IsKeyframe, made.Moment, nowMs);
            made.Return();
        }
    }

    /// <summary>Decodes what came, and composes if it is time to; on the mixer's thread.</summary>
    /// <returns>When it is time again.</returns>
    public long Work(long nowMs)
    {
        while (_changes.TryDequeue(out var change)) change();
        while (_in.TryDequeue(out var frame))
        {
            Interlocked.Decrement(ref _frames);
            Interlocked.Add(ref _bytes, -frame.Length);
            Take(frame, nowMs);
            frame.Return();
        }

        if (nowMs >= _nextMs)
        {
            // A picture that is late is not made up for.
            var interval = 1000 / Renditions.Rate;
            if (_nextMs != long.MinValue && !_outputs.IsEmpty) _counters.CountLost(PictureLoss.Late, (nowMs - _nextMs) / interval);
            _nextMs = _nextMs + interval > nowMs ? _nextMs + interval : nowMs + interval;
            _moment++;
            foreach (var output in _outputs.Values) output.Compose(_moment, Volatile.Read(ref _people), _find, _write, nowMs);
        }

        if (!_out.IsEmpty && _post is not null && Interlocked.Exchange(ref _isPosted, 1) == 0 && !_post(_drain)) Volatile.Write(ref _isPosted, 0);
        return _nextMs;
    }

    /// <summary>Frees what it holds; on the mixer's thread.</summary>
    public void Dispose()
    {
        foreach (var output in _outputs.Values) End(output);
        foreach (var source in _sources.Values) source.Dispose();
        while (_in.TryDequeue(out var frame)) frame.Return();
    }

    private int Add(Func<int, IPictureOutput> make)
    {
        var id = _nextId++;
        _changes.Enqueue(() => _counters.CountEncoder(_outputs[id] = make(id), 1));
        return id;
    }

    private void End(IPictureOutput output)
    {
        _counters.CountEncoder(output, -1);
        output.Dispose();
    }

    private void Take(in Frame frame, long nowMs)
    {
        if (!_sources.TryGetValue(frame.Id, out var source)) return;
        if (!source.Put(frame.Head, frame.Data, frame.Moment.CaptureMs))
        {
            _counters.CountLost(PictureLoss.Undecoded);
            return;
        }

        foreach (var output in _outputs.Values) output.OnPicture(frame.Id, source, _write, nowMs);
    }

    private void Write(int output, ReadOnlySpan<byte> data, bool isKeyframe, PictureMoment moment, long nowMs)
    {
        if (Volatile.Read(ref _made) >= MaxMade)
        {
            // The worker takes nothing for the moment; without this one the next could not be decoded.
            _outputs[output].RequestKeyframe();
            _counters.CountLost(PictureLoss.Undelivered);
            return;
        }

        _counters.CountMade(_outputs[output].IsComposed, nowMs);
        Interlocked.Increment(ref _made);
        _out.Enqueue(Frame.Of(output, new(PayloadFormat.Opaque, isKeyframe, 0, 0), data, moment));
    }

    private readonly record struct Frame(int Id, VideoFrame Head, byte[] Bytes, int Length, PictureMoment Moment)
    {
        public ReadOnlySpan<byte> Data => Bytes.AsSpan(0, Length);

        public static Frame Of(int id, in VideoFrame head, ReadOnlySpan<byte> data, PictureMoment moment)
        {
            var bytes = ArrayPool<byte>.Shared.Rent(data.Length);
            data.CopyTo(bytes);
            return new(id, head, bytes, data.Length, moment);
        }

        public void Return() => ArrayPool<byte>.Shared.Return(Bytes);
    }
}
