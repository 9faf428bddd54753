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
    }

    /// <summary>How loud the latest frame was, as a root mean square before levelling.</summary>
    public float Level { get; private set; }

    /// <summary>Its jitter buffer, for figures.</summary>
    public AudioJitterBuffer Buffer => _buffer;

    /// <summary>Frames that were made up.</summary>
    public long Concealed { get; private set; }

    /// <summary>Takes a packet.</summary>
    public bool Put(long position, uint timestamp, byte payloadType, ReadOnlySpan<byte> payload, long nowMs) =>
        _buffer.Put(position, timestamp, payloadType, payload, _decoder.Measure(payload), nowMs);

    /// <summary>A packet came that holds no audio.</summary>
    public void Skip(long position) => _buffer.Skip(position);

    /// <summary>Gives the next frame.</summary>
    /// <param name="frame">Room for <see cref="AudioFormat.FrameSamples"/>.</param>
    /// <returns>False for silence: the frame was not written.</returns>
    public bool Read(Span<float> frame)
    {
        _buffer.Tick();
        while (_count < AudioFormat.FrameSamples)
        {
            var added = Fill(_samples.AsSpan(_count));
            if (added == 0) return ReadDry(frame);
            _count += added;
        }

        _dryFrames = 0;
        Stretch();
        _samples.AsSpan(0, AudioFormat.FrameSamples).CopyTo(frame);
        Consume(AudioFormat.FrameSamples);
        _hasPlayed = true;
        Measure(frame);
        return true;
    }

    public void Dispose() => _decoder.Dispose();

    private int Fill(Span<float> to)
    {
        switch (_buffer.Take(out var payload, out _, out var samples))
        {
            case AudioPiece.Packet:
                var decoded = _decoder.Decode(payload, to);
                return decoded > 0 ? Heard(to[..decoded]) : Conceal(to[..samples]);
            case AudioPiece.Lost:
                Concealed++;
                return !payload.IsEmpty && _decoder.Restore(payload, to[..samples]) ? Heard(to[..samples]) : Conceal(to[..samples]);
            case AudioPiece.Pause:
                return Conceal(to[..samples]);
            default:
                return 0;
        }
    }

    private int Heard(Span<float> heard)
    {
        _concealment.Heard(heard);
        return heard.Length;
    }

    private int Conceal(Span<float> gap)
    {
        _concealment.Fill(gap);
        return gap.Length;
    }

    // Run dry: what is missing is made up for a while and fades into silence.
    private bool ReadDry(Span<float> frame)
    {
        if (!_hasPlayed || _dryFrames++ >= ConcealFrames)
        {
            Level = 0;
            _count = 0;
            return false;
        }

        Concealed++;
        Conceal(_samples.AsSpan(_count, AudioFormat.FrameSamples - _count));
        _samples.AsSpan(0, AudioFormat.FrameSamples).CopyTo(frame);
        _count = 0;
        Measure(frame);
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
                var added = Fill(_samples.AsSpan(_count));
                if (added == 0) return;
                _count += added;
            }

            _count -= TimeStretch.Shorten(_samples.AsSpan(0, _count));
            NoteStretched();
        }
        else if (surplus < -StretchMs)
        {
            _count += TimeStretch.Lengthen(_samples, _count);
            NoteStretched();
        }
    }

    private void NoteStretched()
    {
        _sinceStretch = 0;
        _buffer.NoteStretched();
    }

    private void Consume(int samples)
    {
        _count -= samples;
        _samples.AsSpan(samples, _count).CopyTo(_samples);
    }

    private void Measure(Span<float> frame)
    {
        if (_gain is null)
        {
            Level = Samples.Level(frame);
            return;
        }

        _gain.Apply(frame);
        Level = _gain.Level;
    }
}
