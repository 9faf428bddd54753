namespace Parley.Media.Core.Audio;

/// <summary>
/// One participant's audio on its way into the mix: packets in, a frame of samples every 20 ms out, whatever was lost, late or silent. One thread; nothing is allocated per packet.
/// </summary>
public sealed class AudioSource : IDisposable
{
    private const double StretchMs = 15;
    private const int ConcealFrames = 6, StretchPause = 10;

    private readonly IAudioDecoder _decoder;
    private readonly AudioJitterBuffer _buffer;
    private readonly AutomaticGain? _gain;
    private readonly Concealment _concealment = new();
    private readonly float[] _samples = new float[AudioFormat.MaxPacketSamples + 2 * AudioFormat.FrameSamples + TimeStretch.MaxPeriod];
    private readonly float[] _side = [], _pairs = [];
    private int _count, _dryFrames, _sinceStretch;
    private bool _hasPlayed;

    /// <summary>Makes a source.</summary>
    /// <param name="decoder">Its decoder, which is disposed with it.</param>
    /// <param name="clockRate">Of its timestamps.</param>
    /// <param name="isLevelled">Whether its loudness is brought to that of the others.</param>
    public AudioSource(IAudioDecoder decoder, int clockRate, bool isLevelled = true)
    {
        (_decoder, _buffer) = (decoder, new AudioJitterBuffer(clockRate));
        _gain = isLevelled ? new AutomaticGain() : null;
        if (decoder.Channels == 2) (_side, _pairs) = (new float[_samples.Length], new float[2 * AudioFormat.MaxPacketSamples]);
    }

    /// <summary>Whether it has two channels.</summary>
    public bool IsStereo => _side.Length > 0;

    /// <summary>How loud the latest frame was, as a root mean square before levelling.</summary>
    public float Level { get; private set; }

    /// <summary>Its jitter buffer, for figures.</summary>
    public AudioJitterBuffer Buffer => _buffer;

    /// <summary>Frames that were made up.</summary>
    public long Concealed { get; private set; }

    /// <summary>When the latest frame's first sample was captured, in the milliseconds that packets came with; null where there was none.</summary>
    public double? Captured { get; private set; }

    /// <summary>Takes a packet.</summary>
    /// <inheritdoc cref="AudioJitterBuffer.Put"/>
    public bool Put(long position, uint timestamp, byte payloadType, ReadOnlySpan<byte> payload, long nowMs, long? capturedMs = null) =>
        _buffer.Put(position, timestamp, payloadType, payload, _decoder.Measure(payload), nowMs, capturedMs);

    /// <summary>A packet came that holds no audio.</summary>
    public void Skip(long position) => _buffer.Skip(position);

    /// <summary>Gives the next frame.</summary>
    /// <param name="frame">Room for <see cref="AudioFormat.FrameSamples"/>: half the sum of its channels, where there are two.</param>
    /// <param name="side">Half their difference: as much room where it is stereo, else empty.</param>
    /// <returns>False for silence: nothing was written.</returns>
    public bool Read(Span<float> frame, Span<float> side = default)
    {
        Captured = null;
        _buffer.Tick();
        while (_count < AudioFormat.FrameSamples)
        {
            var added = Fill();
            if (added == 0) return ReadDry(frame, side);
            _count += added;
        }

        _dryFrames = 0;
        Stretch();
        Give(frame, side);
        _hasPlayed = true;
        return true;
    }

    public void Dispose() => _decoder.Dispose();

    // Adds what comes next, and says how much that is.
    private int Fill()
    {
        switch (_buffer.Take(out var payload, out _, out var samples))
        {
            case AudioPiece.Packet:
                var decoded = Decode(payload);
                return decoded > 0 ? Heard(decoded) : Conceal(samples);
            case AudioPiece.Lost:
                Concealed++;
                return !payload.IsEmpty && Restore(payload, samples) ? Heard(samples) : Conceal(samples);
            case AudioPiece.Pause:
                return Conceal(samples);
            default:
                return 0;
        }
    }

    private int Decode(ReadOnlySpan<byte> payload)
    {
        if (!IsStereo) return _decoder.Decode(payload, _samples.AsSpan(_count));
        var count = _decoder.Decode(payload, _pairs);
        Split(count);
        return count;
    }

    private bool Restore(ReadOnlySpan<byte> next, int samples)
    {
        if (!IsStereo) return _decoder.Restore(next, _samples.AsSpan(_count, samples));
        if (!_decoder.Restore(next, _pairs.AsSpan(0, 2 * samples))) return false;
        Split(samples);
        return true;
    }

    private void Split(int count) => Samples.Split(_pairs, _samples.AsSpan(_count, count), _side.AsSpan(_count, count));

    private int Heard(int count)
    {
        _concealment.Heard(_samples.AsSpan(_count, count));
        return count;
    }

    // What is made up comes from the middle.
    private int Conceal(int count)
    {
        _concealment.Fill(_samples.AsSpan(_count, count));
        if (IsStereo) _side.AsSpan(_count, count).Clear();
        return count;
    }

    // Run dry: what is missing is made up for a while and fades into silence.
    private bool ReadDry(Span<float> frame, Span<float> side)
    {
        if (!_hasPlayed || _dryFrames++ >= ConcealFrames)
        {
            Level = 0;
            _count = 0;
            return false;
        }

        Concealed++;
        _count += Conceal(AudioFormat.FrameSamples - _count);
        Give(frame, side);
        return true;
    }

    // Clocks differ and networks change: what is held too long is played faster, what is too little slower, a period at a time.
    private void Stretch()
    {
        if (++_sinceStretch < StretchPause) return;
        var surplus = _buffer.SurplusMs;
        if (surplus > StretchMs)
        {
            while (_count < AudioFormat.FrameSamples + TimeStretch.MaxPeriod)
            {
                var added = Fill();
                if (added == 0) return;
                _count += added;
            }

            var period = TimeStretch.Shorten(_samples.AsSpan(0, _count));
            if (IsStereo) TimeStretch.Shorten(_side.AsSpan(0, _count), period);
            _count -= period;
            NoteStretched();
        }
        else if (surplus < -StretchMs)
        {
            var period = TimeStretch.Lengthen(_samples, _count);
            if (IsStereo) TimeStretch.Lengthen(_side, _count, period);
            _count += period;
            NoteStretched();
        }
    }

    private void NoteStretched()
    {
        _sinceStretch = 0;
        _buffer.NoteStretched();
    }

    private void Give(Span<float> frame, Span<float> side)
    {
        Captured = _buffer.NextCaptured - (_count * 1000.0 / AudioFormat.SampleRate);
        Take(_samples, frame);
        if (IsStereo) Take(_side, side);
        _count -= AudioFormat.FrameSamples;
        if (_gain is null)
        {
            Level = Samples.Level(frame);
            return;
        }

        _gain.Apply(frame, side);
        Level = _gain.Level;
    }

    private void Take(float[] from, Span<float> to)
    {
        from.AsSpan(0, AudioFormat.FrameSamples).CopyTo(to);
        from.AsSpan(AudioFormat.FrameSamples, _count - AudioFormat.FrameSamples).CopyTo(from);
    }
}
