using Parley.Media.Core.Audio;

namespace Parley.Media.Relay.Mixing;

/// <summary>Somebody's place in a mix, on the worker's thread. Nobody takes more of the way to the mixer than a voice needs.</summary>
/// <param name="mix">The mix.</param>
/// <param name="id">Its number there.</param>
internal sealed class MixVoice(ConferenceMix mix, int id)
{
    // A frame's time holds one packet of the usual 20 ms, eight of 2.5 ms, and now and then what was late.
    private const int MostPerFrame = 16;

    private long _frame;
    private int _count;

    /// <summary>Its number.</summary>
    public int Id { get; } = id;

    /// <summary>A packet came.</summary>
    public void Put(long position, uint timestamp, byte payloadType, ReadOnlySpan<byte> payload, long nowMs)
    {
        var frame = nowMs / AudioFormat.FrameMs;
        if (frame != _frame) (_frame, _count) = (frame, 0);
        if (_count++ < MostPerFrame) mix.Put(Id, position, timestamp, payloadType, payload, nowMs);
    }
}
