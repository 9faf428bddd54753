namespace Parley.Media.Core.Audio;

/// <summary>Decodes G.722 (RFC 3551 section 4.5.2).</summary>
public sealed class G722AudioDecoder : IAudioDecoder
{
    // A byte holds two samples of 16 kHz.
    private const int Factor = AudioFormat.SampleRate / 16_000, SamplesPerByte = 2 * Factor, MaxBytes = AudioFormat.MaxPacketSamples / SamplesPerByte;

    private readonly G722Decoder _decoder = new();
    private readonly Upsampler _up = new(Factor);
    private readonly short[] _samples = new short[2 * MaxBytes];

    /// <inheritdoc/>
    public int Measure(ReadOnlySpan<byte> payload) => payload.Length <= MaxBytes ? payload.Length * SamplesPerByte : 0;

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> payload, Span<float> to)
    {
        if (Measure(payload) is not > 0 and var count) return count;
        _decoder.Decode(payload, _samples);
        var heard = to[..(payload.Length * SamplesPerByte)];
        _up.Convert(_samples.AsSpan(0, 2 * payload.Length), heard);
        return heard.Length;
    }

    /// <inheritdoc/>
    public bool Restore(ReadOnlySpan<byte> next, Span<float> to) => false;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

/// <summary>Encodes G.722.</summary>
public sealed class G722AudioEncoder : IAudioEncoder
{
    private const int Factor = AudioFormat.SampleRate / 16_000;

    private readonly G722Encoder _encoder = new();
    private readonly Downsampler _down = new(Factor);
    private readonly short[] _samples = new short[AudioFormat.FrameSamples / Factor];

    /// <summary>RTP counts G.722 by 8 kHz, whatever it samples by.</summary>
    public int TimestampStep => 160;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<float> frame, Span<byte> to)
    {
        _down.Convert(frame, _samples);
        _encoder.Encode(_samples, to);
        return _samples.Length / 2;
    }

    /// <inheritdoc/>
    public void SetExpectedLoss(int percent)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
