namespace Parley.Media.Core.Srtp;

/// <summary>What became of a packet. Everything but <see cref="Ok"/> means: drop it and count it.</summary>
public enum SrtpResult
{
    /// <summary>Done.</summary>
    Ok,
    /// <summary>No RTP or RTCP packet, too short, or not encrypted.</summary>
    Malformed,
    /// <summary>Its index was used before, or lies behind the window.</summary>
    Replayed,
    /// <summary>The tag does not match.</summary>
    Forged,
    /// <summary>A new SSRC, and the limit is reached.</summary>
    TooManySsrcs,
    /// <summary>The index space of RFC 3711 section 9.2 is used up; the transport needs new keys.</summary>
    Exhausted,
    /// <summary>No room behind the packet for what protecting adds.</summary>
    NoRoom,
}
