using System.Collections.Concurrent;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Audio.Prompts;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Mixing;

/// <summary>
/// A conference's mix between the worker, where packets come and go, and the mixer's thread, where they become sound and back. Changes and packets go one way, frames the other,
/// each through a queue with one writer and one reader, so that nothing is locked.
/// </summary>
internal sealed class ConferenceMix : IAudioMixSink, IDisposable
{
    /// <summary>Stands in for the payload type of what holds no audio.</summary>
    public const byte NoAudio = 255;

    private const long Unknown = long.MinValue;
    private const int PacketsIn = 1024, FramesOut = 1024;

    private readonly ConcurrentQueue<Action> _changes = new();
    private readonly PacketPipe _in = new(PacketsIn), _out = new(FramesOut);
    private readonly Dictionary<int, Spoken> _voices = [];
    private readonly Dictionary<int, AudioListener> _listeners = [];
    private readonly AudioMix _mix = new(format => MixCodec.Named(format).MakeEncoder());
    private readonly MixDelivery _deliver;
    private readonly Func<Action, bool>? _post;
    private readonly Action _drain;
    private int _nextId, _isPosted, _voiceCount, _listenerCount;
    private long _frame, _dueMs;
    private volatile bool _isClosed, _hasFailed;

    /// <summary>Makes a mix.</summary>
    /// <param name="deliver">Takes frames, on the worker's thread.</param>
    /// <param name="post">Runs work on the worker's thread; null where <see cref="Drain"/> is called by hand.</param>
    public ConferenceMix(MixDelivery deliver, Func<Action, bool>? post) => (_deliver, _post, _drain) = (deliver, post, () => Drain(WorkerClock.NowMs));

    /// <summary>Whether the worker is done with it.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Whether a fault of ours ended it: the worker makes another. From any thread.</summary>
    public bool HasFailed => _hasFailed;

    /// <summary>Voices that are decoded. From any thread.</summary>
    public int Voices => Volatile.Read(ref _voiceCount);

    /// <summary>Who is given something. From any thread.</summary>
    public int Listeners => Volatile.Read(ref _listenerCount);

    /// <summary>Adds a voice; on the worker's thread.</summary>
    /// <param name="owner">Whose: its own listeners do not hear it.</param>
    /// <param name="codec">Of its packets.</param>
    /// <param name="heard">Told when what is heard of it was said; null for nobody.</param>
    public MixVoice AddVoice(string owner, MixCodec codec, HeardTimes? heard = null)
    {
        var voice = new MixVoice(this, _nextId++, codec, heard);
        _changes.Enqueue(() =>
        {
            var source = new AudioSource(codec.MakeDecoder(), codec.ClockRate);
            _voices.Add(voice.Id, new(voice, source));
            _mix.Add(owner, source);
        });
        return voice;
    }

    /// <summary>Removes a voice; on the worker's thread.</summary>
    public void RemoveVoice(MixVoice voice) => Remove(voice.Id);

    private void Remove(int id) => _changes.Enqueue(() =>
    {
        if (_voices.Remove(id, out var spoken)) _mix.Remove(spoken.Source);
    });

    /// <summary>Adds a listener; on the worker's thread.</summary>
    /// <param name="owner">Whose voice it does not hear.</param>
    /// <param name="codec">In what it hears.</param>
    public int AddListener(string owner, MixCodec codec)
    {
        var id = _nextId++;
        _changes.Enqueue(() =>
        {
            var listener = new AudioListener(owner, codec.Format) { Id = id };
            _listeners.Add(id, listener);
            _mix.Add(listener);
        });
        return id;
    }

    /// <summary>Adds a listener who hears one voice alone, in another codec than it comes in; on the worker's thread.</summary>
    /// <param name="voice">The voice; gone with it.</param>
    /// <param name="codec">In what it is heard.</param>
    public int AddTranslation(MixVoice voice, MixCodec codec)
    {
        var id = _nextId++;
        _changes.Enqueue(() =>
        {
            var listener = new AudioListener("", codec.Format) { Id = id };
            _listeners.Add(id, listener);
            _mix.Translate(_voices[voice.Id].Source, listener);
        });
        return id;
    }

    /// <summary>A listener loses this much of what it is sent, of 100; on the worker's thread.</summary>
    public void SetLoss(int id, int percent) => _changes.Enqueue(() =>
    {
        if (_listeners.TryGetValue(id, out var listener)) listener.ExpectedLoss = percent;
    });

    /// <summary>Lets a listener hear a prompt, which takes the place of one that is not over; on the worker's thread.</summary>
    public void Prompt(int id, Prompt prompt) => _changes.Enqueue(() =>
    {
        // That a call is recorded is heard to the end.
        if (_listeners.TryGetValue(id, out var listener) && listener.Prompt is not { IsNotice: true }) listener.Prompt = prompt;
    });

    /// <summary>Removes a listener; on the worker's thread.</summary>
    public void RemoveListener(int id) => _changes.Enqueue(() =>
    {
        if (_listeners.Remove(id, out var listener)) _mix.Remove(listener);
    });

    /// <summary>A voice's packet came; on the worker's thread.</summary>
    public void Put(int voice, long position, uint timestamp, byte payloadType, ReadOnlySpan<byte> payload, long? capturedMs, long nowMs) =>
        _in.TryWrite(new(voice, position, timestamp, payloadType, nowMs, CaptureMs: capturedMs ?? Unknown), payload);

    /// <summary>The worker is done with it.</summary>
    public void Close() => _isClosed = true;

    /// <summary>A fault of ours ends it; on the mixer's thread.</summary>
    public void Fail()
    {
        _hasFailed = true;
        Close();
    }

    /// <summary>Delivers the frames that are there; on the worker's thread.</summary>
    public void Drain(long nowMs)
    {
        Volatile.Write(ref _isPosted, 0);
        while (_out.TryRead(out var head, out var payload))
        {
            if (!_isClosed) _deliver(head.Id, payload, head.Position, head.ArrivalMs, Known(head.CaptureMs), nowMs);
            _out.Release();
        }
    }

    /// <summary>Makes everybody's next frame; on the mixer's thread, every 20 ms.</summary>
    /// <param name="dueMs">When it is due.</param>
    public void Tick(long dueMs)
    {
        _dueMs = dueMs;
        while (_changes.TryDequeue(out var change)) change();
        Volatile.Write(ref _voiceCount, _voices.Count);
        Volatile.Write(ref _listenerCount, _listeners.Count);
        while (_in.TryRead(out var head, out var payload))
        {
            if (_voices.TryGetValue(head.Id, out var spoken)) Put(spoken.Source, head, payload);
            _in.Release();
        }

        _frame++;
        _mix.Tick(this);
        foreach (var spoken in _voices.Values)
        {
            spoken.Voice.Loudness = spoken.Speech.Measure(spoken.Source.Level);
            if (spoken.Source.Captured is { } captured) spoken.Voice.NoteCaptured(captured, dueMs);
        }

        if (_post is not null && Interlocked.Exchange(ref _isPosted, 1) == 0 && !_post(_drain)) Volatile.Write(ref _isPosted, 0);
    }

    /// <summary>Frees what it holds; on the mixer's thread.</summary>
    public void Dispose() => _mix.Dispose();

    void IAudioMixSink.OnFrame(AudioListener listener, ReadOnlySpan<byte> payload) => _out.TryWrite(new(listener.Id, _frame, 0, 0, _dueMs, CaptureMs: listener.Captured is { } at ? (long)Math.Round(at) : Unknown), payload);

    private static long? Known(long ms) => ms == Unknown ? null : ms;

    private static void Put(AudioSource source, in PacketPipe.Head head, ReadOnlySpan<byte> payload)
    {
        if (head.PayloadType == NoAudio) source.Skip(head.Position);
        else source.Put(head.Position, head.Timestamp, head.PayloadType, payload, head.ArrivalMs, Known(head.CaptureMs));
    }

    private sealed record Spoken(MixVoice Voice, AudioSource Source)
    {
        public SpeechLevel Speech { get; } = new();
    }
}
