namespace Parley.Media.Core.Rtp;

/// <summary>What a datagram on a media port is (RFC 7983 section 7, RFC 5761 section 4).</summary>
public enum DatagramKind
{
    /// <summary>None of the others: drop.</summary>
    Unknown,
    Stun,
    Dtls,
    TurnChannel,
    Rtp,
    Rtcp,
}

/// <summary>Tells datagrams apart by their first bytes.</summary>
public static class DatagramKinds
{
    /// <summary>Says what a datagram claims to be; that it is well formed is for its reader to see.</summary>
    public static DatagramKind Classify(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 4) return DatagramKind.Unknown;
        return datagram[0] switch
        {
            < 4 => DatagramKind.Stun,
            >= 20 and < 64 => DatagramKind.Dtls,
            >= 64 and < 80 => DatagramKind.TurnChannel,
            >= 128 and < 192 => datagram[1] is >= 192 and < 224 ? DatagramKind.Rtcp : DatagramKind.Rtp,
            _ => DatagramKind.Unknown,
        };
    }
}
