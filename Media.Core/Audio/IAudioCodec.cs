namespace Parley.Media.Core.Audio;

/// <summary>Turns the packets of one stream into samples (<see cref="AudioFormat"/>). Has a state: one stream, in order, one thread at a time.</summary>
public interface IAudioDecoder : IDisposable
{
    /// <summary>1, or 2 for stereo: left and right in turns.</summary>
    int Channels => 1;

    /// <summary>How many samples a payload stands for, of each channel; 0 for one that makes no sense.</summary>
    int Measure(ReadOnlySpan<byte> payload);

    /// <summary>Decodes a payload.</summary>
    /// <param name="payload">As it came.</param>
    /// <param name="to">Room for <see cref="AudioFormat.MaxPacketSamples"/> of each channel.</param>
    /// <returns>Samples written of each channel; 0 for a payload that cannot be decoded.</returns>
    int Decode(ReadOnlySpan<byte> payload, Span<float> to);

    /// <summary>Restores a lost packet from what its successor says about it (in-band forward error correction).</summary>
    /// <param name="next">The successor's payload, which is decoded by <see cref="Decode"/> afterwards.</param>
    /// <param name="to">Filled entirely.</param>
    /// <returns>Whether something was there.</returns>
    bool Restore(ReadOnlySpan<byte> next, Span<float> to);
}

/// <summary>Turns frames of 20 ms into payloads. Has a state: one stream, one thread at a time.</summary>
public interface IAudioEncoder : IDisposable
{
    /// <summary>RTP timestamp units a frame.</summary>
    int TimestampStep { get; }

    /// <summary>1, or 2 for stereo: left and right in turns.</summary>
    int Channels => 1;

    /// <summary>Encodes a frame of <see cref="AudioFormat.FrameSamples"/> of each channel.</summary>
    /// <param name="frame">The samples.</param>
    /// <param name="to">Room for <see cref="AudioFormat.MaxPayload"/>.</param>
    /// <returns>Bytes written.</returns>
    int Encode(ReadOnlySpan<float> frame, Span<byte> to);

    /// <summary>Tells how much the receivers lose, of 100, so that what is sent may make up for it.</summary>
    void SetExpectedLoss(int percent);
}
