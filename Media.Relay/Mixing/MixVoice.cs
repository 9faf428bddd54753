using Parley.Media.Core.Audio;

namespace Parley.Media.Relay.Mixing;

/// <summary>Somebody's place in a mix, on the worker's thread. Nobody takes more of the way to the mixer than a voice needs.</summary>
/// <param name="mix">The mix.</param>
/// <param name="id">Its number there.</param>
/// <param name="codec">What it says everything in.</param>
/// <param name="heard">Told when what is heard of it was said; null for nobody.</param>
internal sealed class MixVoice(ConferenceMix mix, int id, MixCodec codec, HeardTimes? heard)
{
    // What an Opus encoder looks ahead comes out of its decoder later by as much (RFC 7845 section 4.2).
    private const double OpusMs = 6.5;

    // A frame's time holds one packet of the usual 20 ms, eight of 2.5 ms, and now and then what was late.
    private const int MostPerFrame = 16;

    private long _frame;
    private int _count;
    private volatile int _loudness;

    /// <summary>Its number.</summary>
    public int Id { get; } = id;

    /// <summary>What it says everything in.</summary>
    public MixCodec Codec { get; } = codec;

    /// <summary>How loud it speaks, as measured: from 0 for silence to 127 for all that can be expressed. Written on the mixer's thread.</summary>
    public int Loudness
    {
        get => _loudness;
        set => _loudness = value;
    }

    /// <summary>It is in a frame; on the mixer's thread.</summary>
    /// <param name="capturedMs">When that was said.</param>
    /// <param name="dueMs">When the frame is due.</param>
    public void NoteCaptured(double capturedMs, long dueMs) => heard?.Note(dueMs, capturedMs - (Codec.Name == MixCodec.Opus.Name ? OpusMs : 0));

    /// <summary>A packet came.</summary>
    public void Put(long position, uint timestamp, byte payloadType, ReadOnlySpan<byte> payload, long? capturedMs, long nowMs)
    {
        if (MayPass(nowMs)) mix.Put(Id, position, timestamp, payloadType, payload, capturedMs, nowMs);
    }

    /// <summary>A packet came that holds no audio.</summary>
    public void Skip(long position, long nowMs)
    {
        if (MayPass(nowMs)) mix.Put(Id, position, 0, ConferenceMix.NoAudio, [], null, nowMs);
    }

    private bool MayPass(long nowMs)
    {
        var frame = nowMs / AudioFormat.FrameMs;
        if (frame != _frame) (_frame, _count) = (frame, 0);
        return _count++ < MostPerFrame;
    }
}
