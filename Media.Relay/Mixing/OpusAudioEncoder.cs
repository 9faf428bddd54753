using Parley.Media.Core.Audio;
using Parley.Media.Relay.Native;

namespace Parley.Media.Relay.Mixing;

/// <summary>Encodes Opus by libopus: speech, one channel, with forward error correction for what is said to be lost.</summary>
internal sealed class OpusAudioEncoder : IAudioEncoder
{
    // What browsers send by themselves; complexity 5 takes half the time of 10, and fewer bits would take no less.
    private const int Bitrate = 32_000, Complexity = 5;

    private readonly OpusEncoderHandle _encoder;
    private int _loss;

    /// <summary>Makes an encoder.</summary>
    /// <exception cref="InvalidOperationException">libopus would not.</exception>
    public OpusAudioEncoder()
    {
        _encoder = LibOpus.EncoderCreate(AudioFormat.SampleRate, 1, LibOpus.Voip, out var error);
        if (error != 0) throw new InvalidOperationException($"libopus made no encoder (error {error})");
        Set(LibOpus.SetBitrate, Bitrate);
        Set(LibOpus.SetComplexity, Complexity);
        Set(LibOpus.SetInbandFec, 1);
    }

    /// <inheritdoc/>
    public int TimestampStep => AudioFormat.FrameSamples;

    /// <inheritdoc/>
    public unsafe int Encode(ReadOnlySpan<float> frame, Span<byte> to)
    {
        fixed (float* pcm = frame)
        fixed (byte* data = to)
            return Math.Max(0, LibOpus.Encode(_encoder, pcm, frame.Length, data, to.Length));
    }

    /// <inheritdoc/>
    public void SetExpectedLoss(int percent)
    {
        if (percent == _loss) return;
        _loss = Math.Clamp(percent, 0, 100);
        Set(LibOpus.SetPacketLoss, _loss);
    }

    /// <inheritdoc/>
    public void Dispose() => _encoder.Dispose();

    private void Set(int request, int value)
    {
        if (LibOpus.Control(_encoder, request, value) is not 0 and var error) throw new InvalidOperationException($"libopus refused setting {request} to {value} (error {error})");
    }
}
