namespace Parley.Media.Core.Audio;

/// <summary>What an Opus packet says of itself without being decoded (RFC 6716 section 3).</summary>
public static class OpusPacket
{
    // 120 ms (RFC 6716 section 3.4, R5).
    private const int MaxSamples = AudioFormat.SampleRate / 1000 * 120;

    /// <summary>For how many samples at 48 kHz it stands; 0 for a malformed one.</summary>
    public static int Samples(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return 0;
        var config = payload[0] >> 3;
        var frame = config switch
        {
            < 12 => (config & 3) == 3 ? 2880 : 480 << (config & 3),
            < 16 => 480 << (config & 1),
            _ => 120 << (config & 3),
        };
        var frames = (payload[0] & 3) switch
        {
            0 => 1,
            1 or 2 => 2,
            _ => payload.Length > 1 ? payload[1] & 63 : 0,
        };
        return frame * frames <= MaxSamples ? frame * frames : 0;
    }

    /// <summary>Whether it holds what restores its predecessor: SILK's low bit-rate redundancy (RFC 6716 section 4.2.3), looked for in the first frame.</summary>
    public static bool HasCorrection(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 2 || payload[0] >> 3 >= 16 || (payload[0] & 3) is 2 or 3) return false;
        // Each channel has a flag of voice activity for each 20 ms, then one of redundancy.
        var parts = payload[0] >> 3 >= 12 ? 1 : Math.Max(1, (payload[0] >> 3) & 3);
        var flags = payload[1];
        var isStereo = (payload[0] & 4) != 0;
        return (flags & (0x80 >> parts)) != 0 || (isStereo && (flags & (0x80 >> (2 * parts + 1))) != 0);
    }
}
