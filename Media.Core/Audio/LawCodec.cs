namespace Parley.Media.Core.Audio;

/// <summary>Decodes G.711 (RFC 3551 sections 4.5.14).</summary>
/// <param name="isMu">µ-law (PCMU), else A-law (PCMA).</param>
public sealed class LawDecoder(bool isMu) : IAudioDecoder
{
    private const int Factor = AudioFormat.SampleRate / 8000, MaxBytes = AudioFormat.MaxPacketSamples / Factor;

    private readonly Upsampler _up = new(Factor);
    private readonly short[] _samples = new short[MaxBytes];

    /// <inheritdoc/>
    public int Measure(ReadOnlySpan<byte> payload) => payload.Length <= MaxBytes ? payload.Length * Factor : 0;

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> payload, Span<float> to)
    {
        if (Measure(payload) is not > 0 and var count) return count;
        for (var i = 0; i < payload.Length; i++) _samples[i] = isMu ? G711.FromMu(payload[i]) : G711.FromA(payload[i]);
        var heard = to[..(payload.Length * Factor)];
        _up.Convert(_samples.AsSpan(0, payload.Length), heard);
        return heard.Length;
    }

    /// <inheritdoc/>
    public bool Restore(ReadOnlySpan<byte> next, Span<float> to) => false;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

/// <summary>Encodes G.711.</summary>
/// <param name="isMu">µ-law (PCMU), else A-law (PCMA).</param>
public sealed class LawEncoder(bool isMu) : IAudioEncoder
{
    private const int Factor = AudioFormat.SampleRate / 8000;

    private readonly Downsampler _down = new(Factor);
    private readonly short[] _samples = new short[AudioFormat.FrameSamples / Factor];

    /// <inheritdoc/>
    public int TimestampStep => 160;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<float> frame, Span<byte> to)
    {
        _down.Convert(frame, _samples);
        for (var i = 0; i < _samples.Length; i++) to[i] = isMu ? G711.ToMu(_samples[i]) : G711.ToA(_samples[i]);
        return _samples.Length;
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
