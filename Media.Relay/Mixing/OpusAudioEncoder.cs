using Parley.Media.Core.Audio;
using Parley.Media.Relay.Native;

namespace Parley.Media.Relay.Mixing;

/// <summary>Encodes Opus by libopus: one channel as speech with forward error correction for what is said to be lost, two as music.</summary>
internal sealed class OpusAudioEncoder : IAudioEncoder
{
    // What browsers send by themselves, and for stereo the least of RFC 7587 section 3.1.1; complexity 5 takes half the time of 10, and fewer bits would take no less.
    private const int Bitrate = 32_000, StereoBitrate = 64_000, Complexity = 5;

    private readonly OpusEncoderHandle _encoder;
    private int _loss;

    /// <summary>Makes an encoder.</summary>
    /// <param name="channels">1 or 2.</param>
    /// <exception cref="InvalidOperationException">libopus would not.</exception>
    public OpusAudioEncoder(int channels = 1)
    {
        Channels = channels;
        _encoder = LibOpus.EncoderCreate(AudioFormat.SampleRate, channels, channels == 1 ? LibOpus.Voip : LibOpus.Audio, out var error);
        if (error != 0) throw new InvalidOperationException($"libopus made no encoder (error {error})");
        Set(LibOpus.SetBitrate, channels == 1 ? Bitrate : StereoBitrate);
        Set(LibOpus.SetComplexity, Complexity);
        Set(LibOpus.SetInbandFec, 1);
    }

    /// <inheritdoc/>
    public int Channels { get; }

    /// <inheritdoc/>
    public int TimestampStep => AudioFormat.FrameSamples;

    /// <inheritdoc/>
    public unsafe int Encode(ReadOnlySpan<float> frame, Span<byte> to)
    {
        fixed (float* pcm = frame)
        fixed (byte* data = to)
            return Math.Max(0, LibOpus.Encode(_encoder, pcm, frame.Length / Channels, data, to.Length));
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
