namespace Parley.Media.Core.Audio;

/// <summary>Takes the frames that a mix has made.</summary>
public interface IAudioMixSink
{
    /// <summary>A frame for one listener.</summary>
    /// <param name="listener">Whose.</param>
    /// <param name="payload">The encoded frame; valid during the call.</param>
    void OnFrame(AudioListener listener, ReadOnlySpan<byte> payload);
}

/// <summary>
/// One conference's audio: every 20 ms the sum of all who are heard, and for each listener that sum without the own voice. Those who are not
/// heard get one encoding for all of them, since it is the same for all. Beside that single voices are translated into another format.
/// Voices are held as half the sum of their channels and, in stereo, half the difference, so that who listens in one channel has nothing to do with the other. One thread; nothing is
/// allocated per frame.
/// </summary>
public sealed class AudioMix : IDisposable
{
    private const int MaxHeard = 8;
    private const float Audible = 0.0006f; // -64 dBFS
    private const int Hangover = 25, TailFrames = 2; // frames

    private readonly List<Voice> _voices = [];
    private readonly List<AudioListener> _listeners = [];
    private readonly List<(Voice Voice, AudioListener Listener)> _translations = [];
    private readonly Dictionary<string, IAudioEncoder> _shared = [];
    private readonly float[] _sum = new float[AudioFormat.FrameSamples], _own = new float[AudioFormat.FrameSamples];
    private readonly float[] _side = new float[AudioFormat.FrameSamples], _ownSide = new float[AudioFormat.FrameSamples], _pairs = new float[2 * AudioFormat.FrameSamples];
    private readonly byte[] _payload = new byte[AudioFormat.MaxPayload];
    private readonly Limiter _limiter = new(), _stereoLimiter = new();
    private readonly Func<string, IAudioEncoder> _encoders;
    private readonly MixDelay _delay = new();

    /// <summary>Makes a mix.</summary>
    /// <param name="encoders">Makes an encoder of a format that a listener names.</param>
    public AudioMix(Func<string, IAudioEncoder> encoders) => _encoders = encoders;

    /// <summary>Who is there to be heard.</summary>
    public int Voices => _voices.Count;

    /// <summary>Who listens.</summary>
    public IReadOnlyList<AudioListener> Listeners => _listeners;

    /// <summary>Frames encoded: one for all silent listeners of a format, one for each who is heard.</summary>
    public long Encoded { get; private set; }

    /// <summary>Adds somebody's audio.</summary>
    /// <param name="owner">Whose: a listener of the same owner does not hear it.</param>
    /// <param name="source">The audio, which the mix disposes when it goes.</param>
    public void Add(string owner, AudioSource source) => _voices.Add(new(owner, source));

    /// <summary>Takes somebody's audio away.</summary>
    public void Remove(AudioSource source)
    {
        if (_voices.RemoveAll(v => v.Source == source) == 0) return;
        foreach (var (_, listener) in _translations.Where(t => t.Voice.Source == source)) Release(listener);
        _translations.RemoveAll(t => t.Voice.Source == source);
        source.Dispose();
    }

    /// <summary>Adds a listener.</summary>
    public void Add(AudioListener listener) => _listeners.Add(listener);

    /// <summary>Adds a listener to one voice alone, whoever else is heard: that voice in another format, for those who do not take its own.</summary>
    public void Translate(AudioSource source, AudioListener listener) => _translations.Add((_voices.Find(v => v.Source == source) ?? throw new ArgumentException("nobody speaks by this source", nameof(source)), listener));

    /// <summary>Takes a listener away.</summary>
    public void Remove(AudioListener listener)
    {
        if (_translations.RemoveAll(t => t.Listener == listener) > 0) Release(listener);
        if (!_listeners.Remove(listener)) return;
        Release(listener);
        if (_listeners.TrueForAll(l => l.Format != listener.Format) && _shared.Remove(listener.Format, out var encoder)) encoder.Dispose();
    }

    /// <summary>Makes the next frame of everybody; every 20 ms.</summary>
    public void Tick(IAudioMixSink sink)
    {
        Read();
        NoteDelay();
        Array.Clear(_sum);
        Array.Clear(_side);
        foreach (var voice in _voices)
        {
            if (!voice.IsHeard) continue;
            Samples.Add(_sum, voice.Frame);
            if (voice.Source.IsStereo) Samples.Add(_side, voice.Side);
        }

        // What is louder than can be told is made quieter for all alike: the own voice is taken out before, so that it must be as quiet in the sum.
        foreach (var listener in _listeners)
        {
            if (HasOwn(listener)) EncodeOwn(listener, sink);
        }

        foreach (var (format, encoder) in _shared)
        {
            if (encoder.Channels == 2) EncodeShared(format, encoder, Join(_sum, _side, _stereoLimiter), sink);
        }

        _limiter.Apply(_sum);
        foreach (var (format, encoder) in _shared)
        {
            if (encoder.Channels == 1) EncodeShared(format, encoder, _sum, sink);
        }

        foreach (var (voice, listener) in _translations) EncodeAlone(voice, listener, sink);
        Prepare();
    }

    public void Dispose()
    {
        foreach (var voice in _voices) voice.Source.Dispose();
        foreach (var listener in _listeners) Release(listener);
        foreach (var (_, listener) in _translations) Release(listener);
        foreach (var encoder in _shared.Values) encoder.Dispose();
    }

    // The loudest are heard; whoever was heard goes on for half a second, so that a pause between words does not cut.
    private void Read()
    {
        foreach (var voice in _voices)
        {
            voice.HasFrame = voice.Source.Read(voice.Frame, voice.Side);
            if (voice.HasFrame && voice.Source.Level > Audible) voice.Left = Hangover;
            else if (voice.Left > 0) voice.Left--;
            voice.Loudness += ((voice.HasFrame ? voice.Source.Level : 0) - voice.Loudness) * 0.2f;
        }

        foreach (var voice in _voices)
        {
            var louder = 0;
            foreach (var other in _voices)
            {
                if (other.Left > 0 && other.Loudness > voice.Loudness) louder++;
            }

            voice.IsHeard = voice.HasFrame && voice.Left > 0 && louder < MaxHeard;
        }
    }

    // That of whoever is loudest: whose picture is looked at.
    private void NoteDelay()
    {
        Voice? loudest = null;
        foreach (var voice in _voices)
        {
            if (voice.IsHeard && voice.Loudness >= (loudest?.Loudness ?? 0)) loudest = voice;
        }

        _delay.Next(loudest?.Source.Captured);
    }

    // Only who is in the sum needs an encoding without it: there are never more of these than are heard at once, however many talk.
    private bool Speaks(AudioListener listener)
    {
        foreach (var voice in _voices)
        {
            if (voice.IsHeard && voice.Owner == listener.Owner) return true;
        }

        return false;
    }

    // Settled once a frame, as a prompt ends within one.
    private bool HasOwn(AudioListener listener) => listener.HasOwnFrame = listener.Prompt is not null || Speaks(listener);

    private void EncodeOwn(AudioListener listener, IAudioMixSink sink)
    {
        _sum.CopyTo(_own, 0);
        _side.CopyTo(_ownSide, 0);
        foreach (var voice in _voices)
        {
            if (!voice.IsHeard || voice.Owner != listener.Owner) continue;
            Samples.Subtract(_own, voice.Frame, _own);
            if (voice.Source.IsStereo) Samples.Subtract(_ownSide, voice.Side, _ownSide);
        }

        if (listener.Prompt?.Add(_own) == false) listener.Prompt = null;
        listener.Captured = _delay.Captured;
        Encode(listener, _own, _ownSide, sink);
    }

    // Where nothing comes nothing is sent, but for what the encoder still holds.
    private void EncodeAlone(Voice voice, AudioListener listener, IAudioMixSink sink)
    {
        if (voice.HasFrame) (listener.SilentFrames, listener.Encoder) = (0, listener.Encoder ?? _encoders(listener.Format));
        else if (listener.Encoder is null || listener.SilentFrames++ >= TailFrames) return;
        else
        {
            Array.Clear(voice.Frame);
            Array.Clear(voice.Side);
        }

        listener.Captured = voice.HasFrame ? voice.Source.Captured : listener.Captured + AudioFormat.FrameMs;
        Encode(listener, voice.Frame, voice.Side, sink);
    }

    private void Encode(AudioListener listener, float[] mid, float[] side, IAudioMixSink sink)
    {
        var encoder = listener.Encoder ??= _encoders(listener.Format);
        encoder.SetExpectedLoss(listener.ExpectedLoss);
        if (encoder.Channels == 1) listener.Limiter.Apply(mid);
        Deliver(listener, encoder.Encode(encoder.Channels == 1 ? mid : Join(mid, side, listener.Limiter), _payload), sink);
        Encoded++;
    }

    private float[] Join(float[] mid, float[] side, Limiter limiter)
    {
        Samples.Join(mid, side, _pairs);
        limiter.Apply(_pairs);
        return _pairs;
    }

    // What all of a format share makes up for what the unluckiest of them loses.
    private int WorstLoss(string format)
    {
        var worst = 0;
        foreach (var listener in _listeners)
        {
            if (listener.Format == format) worst = Math.Max(worst, listener.ExpectedLoss);
        }

        return worst;
    }

    private static void Release(AudioListener listener)
    {
        listener.Encoder?.Dispose();
        listener.Encoder = null;
    }

    private void EncodeShared(string format, IAudioEncoder encoder, float[] frame, IAudioMixSink sink)
    {
        var length = -1;
        foreach (var listener in _listeners)
        {
            if (listener.Format != format || listener.HasOwnFrame) continue;
            if (length < 0)
            {
                encoder.SetExpectedLoss(WorstLoss(format));
                length = encoder.Encode(frame, _payload);
                Encoded++;
            }

            listener.Captured = _delay.Captured;
            Deliver(listener, length, sink);
        }
    }

    private void Deliver(AudioListener listener, int length, IAudioMixSink sink)
    {
        if (length > 0) sink.OnFrame(listener, _payload.AsSpan(0, length));
    }

    // New formats get their encoder between frames, as the table must not change while it is walked.
    private void Prepare()
    {
        foreach (var listener in _listeners)
        {
            if (!_shared.ContainsKey(listener.Format)) _shared.Add(listener.Format, _encoders(listener.Format));
        }
    }

    private sealed class Voice(string owner, AudioSource source)
    {
        public string Owner { get; } = owner;

        public AudioSource Source { get; } = source;

        public float[] Frame { get; } = new float[AudioFormat.FrameSamples];

        public float[] Side { get; } = source.IsStereo ? new float[AudioFormat.FrameSamples] : [];

        public bool HasFrame, IsHeard;
        public float Loudness;
        public int Left;
    }
}
