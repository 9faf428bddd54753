using Parley.Media.Core.Audio;
using Parley.Media.Relay.Native;

namespace Parley.Media.Relay.Mixing;

/// <summary>Decodes Opus by libopus into as many channels as are wanted, however many were sent (RFC 7587 section 3.4).</summary>
internal sealed class OpusAudioDecoder : IAudioDecoder
{
    private readonly OpusDecoderHandle _decoder;

    /// <summary>Makes a decoder.</summary>
    /// <param name="channels">1 or 2.</param>
    /// <exception cref="InvalidOperationException">libopus would not.</exception>
    public OpusAudioDecoder(int channels = 1)
    {
        Channels = channels;
        _decoder = LibOpus.DecoderCreate(AudioFormat.SampleRate, channels, out var error);
        if (error != 0) throw new InvalidOperationException($"libopus made no decoder (error {error})");
    }

    /// <inheritdoc/>
    public int Channels { get; }

    /// <inheritdoc/>
    public int Measure(ReadOnlySpan<byte> payload) => OpusPacket.Samples(payload);

    /// <inheritdoc/>
    public int Decode(ReadOnlySpan<byte> payload, Span<float> to) => Math.Max(0, Call(payload, to, restore: false));

    /// <inheritdoc/>
    /// <remarks>Without correction in it libopus would make something up by itself, which is softer than what is made up here.</remarks>
    public bool Restore(ReadOnlySpan<byte> next, Span<float> to) => OpusPacket.HasCorrection(next) && Call(next, to, restore: true) == to.Length / Channels;

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    private unsafe int Call(ReadOnlySpan<byte> payload, Span<float> to, bool restore)
    {
        fixed (byte* data = payload)
        fixed (float* pcm = to)
            return LibOpus.Decode(_decoder, data, payload.Length, pcm, Math.Min(to.Length / Channels, AudioFormat.MaxPacketSamples), restore ? 1 : 0);
    }
}
