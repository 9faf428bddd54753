namespace Parley.Media.Core.Audio;

/// <summary>How audio is held while it is mixed: 48 kHz, one channel, floating point between -1 and 1, in frames of 20 ms.</summary>
public static class AudioFormat
{
    /// <summary>Samples a second.</summary>
    public const int SampleRate = 48_000;

    /// <summary>Milliseconds a frame.</summary>
    public const int FrameMs = 20;

    /// <summary>Samples a frame.</summary>
    public const int FrameSamples = SampleRate / 1000 * FrameMs;

    /// <summary>The most samples that one packet may hold: 200 ms, which receivers should take (RFC 3551 section 4.2). GStreamer sends 128.</summary>
    public const int MaxPacketSamples = SampleRate / 1000 * 200;

    /// <summary>The longest encoded frame, in bytes (RFC 6716 section 3.4).</summary>
    public const int MaxPayload = 1275;
}
