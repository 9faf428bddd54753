namespace Parley.Media.Core.Audio;

/// <summary>What comes next of a stream.</summary>
public enum AudioPiece
{
    /// <summary>A packet.</summary>
    Packet,
    /// <summary>A packet that did not come in time, though later ones did.</summary>
    Lost,
    /// <summary>The sender was silent on purpose for as long as was said.</summary>
    Pause,
    /// <summary>Nothing is here: not begun, or run dry.</summary>
    Nothing,
}

/// <summary>
/// Packets of one audio stream, put in order and held back just long enough that few come too late. Sans-IO: times are given. Nothing is allocated per packet.
/// </summary>
public sealed class AudioJitterBuffer
{
    /// <summary>The longest payload kept.</summary>
    public const int MaxPayload = 1500;

    private const int Slots = 64;
    private const double MinTargetMs = 20, MaxTargetMs = 200;
    private const int LevelTicks = 50;
    private const double PerMs = AudioFormat.SampleRate / 1000.0, OriginGrowthMs = 0.02;

    private readonly byte[] _bytes = new byte[Slots * MaxPayload];
    private readonly Slot[] _slots = new Slot[Slots];
    private readonly DelayEstimator _delay = new();
    private readonly int _scale;
    private long _next = -1, _highest = -1, _playedTo, _highestEnd;
    private long _lowestLevel = long.MaxValue;
    private int _levelTicks, _lastDuration = AudioFormat.FrameSamples;
    private uint _lastTimestamp;
    private long _lastTime;
    private bool _isPlaying, _hasTime, _isDry;
    private double _origin = double.NaN;

    /// <summary>Makes a buffer.</summary>
    /// <param name="clockRate">Of the stream's timestamps, a divisor of 48,000.</param>
    public AudioJitterBuffer(int clockRate) => _scale = AudioFormat.SampleRate / clockRate;

    /// <summary>How much audio is to be here before a frame is taken, in milliseconds.</summary>
    public double TargetMs => Math.Clamp(MinTargetMs + _delay.JitterMs, MinTargetMs, MaxTargetMs);

    /// <summary>Packets that came too late to be played.</summary>
    public long Late { get; private set; }

    /// <summary>Packets that were missed.</summary>
    public long Missed { get; private set; }

    /// <summary>What was held at the least during the last second beyond the target, in milliseconds; negative where it was less. 0 until it is known.</summary>
    public double SurplusMs { get; private set; }

    /// <summary>When what is taken next was captured, in the milliseconds that packets came with; NaN before the first.</summary>
    public double NextCaptured => (_playedTo / PerMs) + _origin;

    /// <summary>Takes a packet.</summary>
    /// <param name="position">Its extended sequence number.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="payloadType">Its payload type.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="samples">For how much it stands (<see cref="IAudioDecoder.Measure"/>).</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="capturedMs">When its first sample was captured, on the clock of <paramref name="nowMs"/>, as far as its sender has said (RFC 3550 section 6.4.1); null: as if it had come at once.</param>
    /// <returns>Whether it was kept.</returns>
    public bool Put(long position, uint timestamp, byte payloadType, ReadOnlySpan<byte> payload, int samples, long nowMs, long? capturedMs = null)
    {
        if (payload.Length > MaxPayload || samples <= 0) return false;
        var time = Unwrap(timestamp);
        NoteOrigin(time, samples, nowMs, capturedMs);
        if (_highest >= 0 && (position > _highest + Slots || position < _highest - Slots)) Restart();
        if (_isPlaying && position < _next)
        {
            Late++;
            _delay.Observe(time / (AudioFormat.SampleRate / 1000.0), nowMs);
            return false;
        }

        ref var slot = ref _slots[position & (Slots - 1)];
        if (slot.IsHere && slot.Position == position) return false;
        _delay.Observe(time / (AudioFormat.SampleRate / 1000.0), nowMs);
        slot = new Slot { IsHere = true, Position = position, Time = time, PayloadType = payloadType, Length = payload.Length, Samples = samples };
        payload.CopyTo(_bytes.AsSpan((int)(position & (Slots - 1)) * MaxPayload));
        if (position > _highest) (_highest, _highestEnd) = (position, time + samples);
        // Before playing begins an earlier one may still come.
        if (!_isPlaying && (_next < 0 || position < _next)) _next = position;
        // What is held overflows where nobody takes: the oldest goes.
        if (_highest - _next >= Slots) SkipTo(_highest - Slots + 1);
        return true;
    }

    /// <summary>A packet came that holds no audio (an event, padding): its number is not missed, and what it stood for was silent.</summary>
    /// <param name="position">Its extended sequence number.</param>
    public void Skip(long position)
    {
        if (_next < 0 || position < _next || position - _next >= Slots) return;
        ref var slot = ref _slots[position & (Slots - 1)];
        if (!slot.IsHere || slot.Position < position) slot = new Slot { IsHere = true, Position = position };
    }

    /// <summary>Once a frame, before anything is taken: notes how much is here.</summary>
    public void Tick()
    {
        if (!_isPlaying) return;
        _lowestLevel = Math.Min(_lowestLevel, _highestEnd - _playedTo);
        if (++_levelTicks < LevelTicks) return;
        SurplusMs = _lowestLevel / (AudioFormat.SampleRate / 1000.0) - TargetMs;
        (_lowestLevel, _levelTicks) = (long.MaxValue, 0);
    }

    /// <summary>Takes what comes next.</summary>
    /// <param name="payload">The packet's payload; where it was lost that of its successor if that is here, else empty. Valid until the next <see cref="Put"/>.</param>
    /// <param name="payloadType">The payload type that belongs to it.</param>
    /// <param name="samples">For how much it stands.</param>
    public AudioPiece Take(out ReadOnlySpan<byte> payload, out byte payloadType, out int samples)
    {
        payload = default;
        (payloadType, samples) = (0, 0);
        while (_next >= 0 && IsSkipped(_next)) _next++;
        if (_next < 0 || _highest < _next)
        {
            _isDry = _isPlaying;
            return AudioPiece.Nothing;
        }

        if (!_isPlaying && !TryBegin()) return AudioPiece.Nothing;
        ref readonly var slot = ref _slots[_next & (Slots - 1)];
        if (slot.IsHere && slot.Position == _next) return TakePacket(slot, ref payload, ref payloadType, ref samples);
        return TakeLoss(ref payload, ref payloadType, ref samples);
    }

    /// <summary>The surplus was acted on: it is to be measured again before more is done.</summary>
    public void NoteStretched() => (SurplusMs, _lowestLevel, _levelTicks) = (0, long.MaxValue, 0);

    private bool IsSkipped(long position)
    {
        ref readonly var slot = ref _slots[position & (Slots - 1)];
        return slot.IsHere && slot.Position == position && slot.Samples == 0;
    }

    private AudioPiece TakePacket(in Slot slot, ref ReadOnlySpan<byte> payload, ref byte payloadType, ref int samples)
    {
        var gap = slot.Time - _playedTo;
        if (_isDry && gap > 0)
        {
            // The sender had paused, which was heard as running dry: from here on with the usual reserve.
            (_isDry, _isPlaying) = (false, false);
            return TryBegin() ? TakePacket(slot, ref payload, ref payloadType, ref samples) : AudioPiece.Nothing;
        }

        _isDry = false;
        if (gap > 0)
        {
            samples = (int)Math.Min(gap, AudioFormat.FrameSamples);
            _playedTo += samples;
            return AudioPiece.Pause;
        }

        payload = _bytes.AsSpan((int)(_next & (Slots - 1)) * MaxPayload, slot.Length);
        (payloadType, samples, _lastDuration) = (slot.PayloadType, slot.Samples, slot.Samples);
        _playedTo = slot.Time + slot.Samples;
        _next++;
        return AudioPiece.Packet;
    }

    private AudioPiece TakeLoss(ref ReadOnlySpan<byte> payload, ref byte payloadType, ref int samples)
    {
        Missed++;
        samples = _lastDuration;
        _playedTo += samples;
        _next++;
        ref readonly var after = ref _slots[_next & (Slots - 1)];
        if (!after.IsHere || after.Position != _next || after.Samples == 0) return AudioPiece.Lost;
        payload = _bytes.AsSpan((int)(_next & (Slots - 1)) * MaxPayload, after.Length);
        payloadType = after.PayloadType;
        return AudioPiece.Lost;
    }

    // Playing begins with the reserve that the target asks for.
    private bool TryBegin()
    {
        ref readonly var first = ref _slots[_next & (Slots - 1)];
        if (!first.IsHere || first.Position != _next)
        {
            _next++;
            return false;
        }

        if (_highestEnd - first.Time < TargetMs * (AudioFormat.SampleRate / 1000)) return false;
        (_isPlaying, _playedTo, _lowestLevel, _levelTicks, SurplusMs) = (true, first.Time, long.MaxValue, 0, 0);
        return true;
    }

    private void SkipTo(long to)
    {
        Missed += to - _next;
        _next = to;
        _playedTo = Math.Max(_playedTo, _highestEnd - (long)((_highest - to + 1) * _lastDuration));
    }

    private void Restart()
    {
        Array.Clear(_slots);
        (_next, _highest, _isPlaying, _isDry) = (-1, -1, false, false);
        _delay.Reset();
    }

    // Of packets whose sender has not told the time the least delayed counts; that time is forgotten slowly, as clocks drift.
    private void NoteOrigin(long time, int samples, long nowMs, long? capturedMs)
    {
        if (capturedMs is { } captured) _origin = captured - (time / PerMs);
        else
        {
            var latest = nowMs - ((time + samples) / PerMs);
            _origin = double.IsNaN(_origin) ? latest : Math.Min(latest, _origin + OriginGrowthMs);
        }
    }

    private long Unwrap(uint timestamp)
    {
        if (!_hasTime) (_lastTime, _hasTime) = (0, true);
        else _lastTime += (long)(int)(timestamp - _lastTimestamp) * _scale;
        _lastTimestamp = timestamp;
        return _lastTime;
    }

    private struct Slot
    {
        public bool IsHere;
        public long Position, Time;
        public byte PayloadType;
        public int Length, Samples;
    }
}
