namespace Parley.Media.Core.Rtp;

/// <summary>Reads the keys of a telephone from one stream's events (RFC 4733). Each is told once, with its first packet, though its packets are repeated and may be lost or swapped.</summary>
public sealed class TelephoneEvents
{
    /// <summary>The encoding name, in lower case.</summary>
    public const string Codec = "telephone-event";

    private const int Length = 4;
    private const string Keys = "0123456789*#ABCD"; // RFC 4733 section 3.2, table 3

    // No hand, and no telephone that dials, is faster for long.
    private const long MsPerKey = 100, MostAtOnce = 16;

    private uint _latest;
    private bool _hasAny;
    private long _earliestMs = long.MinValue;

    /// <summary>Takes a packet.</summary>
    /// <param name="payload">Its payload.</param>
    /// <param name="timestamp">Its timestamp: when the key went down, and so the same in all packets of an event.</param>
    /// <param name="nowMs">When it came.</param>
    /// <param name="key">The key.</param>
    /// <returns>Whether a key was pressed that was not told yet.</returns>
    public bool TryRead(ReadOnlySpan<byte> payload, uint timestamp, long nowMs, out char key)
    {
        key = default;
        if (payload.Length < Length || payload[0] >= Keys.Length) return false;
        if (_hasAny && (int)(timestamp - _latest) <= 0) return false;
        // Section 2.5.1.3: what lasts longer than can be told is told in segments, each of which begins where the longest duration ends.
        var isSegment = _hasAny && timestamp - _latest == ushort.MaxValue;
        (_latest, _hasAny) = (timestamp, true);
        if (isSegment) return false;
        _earliestMs = Math.Max(_earliestMs, nowMs - MostAtOnce * MsPerKey) + MsPerKey;
        if (_earliestMs > nowMs)
        {
            _earliestMs -= MsPerKey;
            return false;
        }

        key = Keys[payload[0]];
        return true;
    }
}
