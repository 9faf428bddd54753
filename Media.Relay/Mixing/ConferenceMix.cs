using System.Collections.Concurrent;
using Parley.Media.Core.Audio;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Mixing;

/// <summary>
/// A conference's mix between the worker, where packets come and go, and the mixer's thread, where they become sound and back. Changes and packets go one way, frames the other,
/// each through a queue with one writer and one reader, so that nothing is locked.
/// </summary>
internal sealed class ConferenceMix : IAudioMixSink, IDisposable
{
    private const int PacketsIn = 1024, FramesOut = 1024;

    private readonly ConcurrentQueue<Action> _changes = new();
    private readonly PacketPipe _in = new(PacketsIn), _out = new(FramesOut);
    private readonly Dictionary<int, AudioSource> _voices = [];
    private readonly Dictionary<int, AudioListener> _listeners = [];
    private readonly AudioMix _mix = new(_ => new OpusAudioEncoder());
    private readonly MixDelivery _deliver;
    private readonly Func<Action, bool>? _post;
    private readonly Action _drain;
    private int _nextId, _isPosted;
    private volatile bool _isClosed;

    /// <summary>Makes a mix.</summary>
    /// <param name="deliver">Takes frames, on the worker's thread.</param>
    /// <param name="post">Runs work on the worker's thread; null where <see cref="Drain"/> is called by hand.</param>
    public ConferenceMix(MixDelivery deliver, Func<Action, bool>? post) => (_deliver, _post, _drain) = (deliver, post, () => Drain(WorkerClock.NowMs));

    /// <summary>Whether the worker is done with it.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Adds a voice of Opus packets; on the worker's thread.</summary>
    /// <param name="owner">Whose: its own listeners do not hear it.</param>
    public MixVoice AddVoice(string owner)
    {
        var id = _nextId++;
        _changes.Enqueue(() =>
        {
            var source = new AudioSource(new OpusAudioDecoder(), AudioFormat.SampleRate);
            _voices.Add(id, source);
            _mix.Add(owner, source);
        });
        return new MixVoice(this, id);
    }

    /// <summary>Removes a voice; on the worker's thread.</summary>
    public void RemoveVoice(MixVoice voice) => Remove(voice.Id);

    private void Remove(int id) => _changes.Enqueue(() =>
    {
        if (_voices.Remove(id, out var source)) _mix.Remove(source);
    });

    /// <summary>Adds a listener; on the worker's thread.</summary>
    /// <param name="owner">Whose voice it does not hear.</param>
    public int AddListener(string owner)
    {
        var id = _nextId++;
        _changes.Enqueue(() =>
        {
            var listener = new AudioListener(owner, "opus") { Id = id };
            _listeners.Add(id, listener);
            _mix.Add(listener);
        });
        return id;
    }

    /// <summary>Removes a listener; on the worker's thread.</summary>
    public void RemoveListener(int id) => _changes.Enqueue(() =>
    {
        if (_listeners.Remove(id, out var listener)) _mix.Remove(listener);
    });

    /// <summary>A voice's packet came; on the worker's thread.</summary>
    public void Put(int voice, long position, uint timestamp, byte payloadType, ReadOnlySpan<byte> payload, long nowMs) =>
        _in.TryWrite(new(voice, position, timestamp, payloadType, nowMs), payload);

    /// <summary>The worker is done with it.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Delivers the frames that are there; on the worker's thread.</summary>
    public void Drain(long nowMs)
    {
        Volatile.Write(ref _isPosted, 0);
        while (_out.TryRead(out var head, out var payload))
        {
            if (!_isClosed) _deliver(head.Id, payload, nowMs);
            _out.Release();
        }
    }

    /// <summary>Makes everybody's next frame; on the mixer's thread, every 20 ms.</summary>
    public void Tick()
    {
        while (_changes.TryDequeue(out var change)) change();
        while (_in.TryRead(out var head, out var payload))
        {
            if (_voices.TryGetValue(head.Id, out var source)) source.Put(head.Position, head.Timestamp, head.PayloadType, payload, head.ArrivalMs);
            _in.Release();
        }

        _mix.Tick(this);
        if (_post is not null && Interlocked.Exchange(ref _isPosted, 1) == 0 && !_post(_drain)) Volatile.Write(ref _isPosted, 0);
    }

    /// <summary>Frees what it holds; on the mixer's thread.</summary>
    public void Dispose() => _mix.Dispose();

    void IAudioMixSink.OnFrame(AudioListener listener, ReadOnlySpan<byte> payload) => _out.TryWrite(new(listener.Id, 0, 0, 0, 0), payload);
}
