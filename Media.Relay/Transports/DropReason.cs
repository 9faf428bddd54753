namespace Parley.Media.Relay.Transports;

/// <summary>Why a datagram that came was not used.</summary>
internal enum DropReason
{
    /// <summary>It was used.</summary>
    None,
    /// <summary>On a loopback-only server: its source is not this machine.</summary>
    ForeignSource,
    /// <summary>No protocol of RFC 7983 that belongs on a media port.</summary>
    UnknownProtocol,
    StunMalformed,
    /// <summary>A check for a user fragment that nobody has, or an answer on a path that nobody has.</summary>
    StunUnknown,
    StunForged,
    /// <summary>An answer that nobody waits for, another method, and the like.</summary>
    StunIgnored,
    /// <summary>DTLS, RTP or RTCP from where no authenticated check came.</summary>
    UnknownPath,
    /// <summary>More handshake datagrams than are kept, or none expected any more.</summary>
    DtlsUnexpected,
    /// <summary>RTP or RTCP before there are keys.</summary>
    SrtpBeforeKeys,
    SrtpMalformed,
    SrtpForged,
    SrtpReplayed,
    SrtpTooManySources,
    /// <summary>No track has its SSRC, mid or payload type.</summary>
    RtpNoTrack,
    RtpMalformed,
    RtpDuplicate,
    RtpTooOld,
    /// <summary>On a port without ICE: not from the signalled address, or from another sender than the one that is heard.</summary>
    RawSource,
    /// <summary>Longer than a receive slot.</summary>
    TooLong,
    /// <summary>Outgoing: the socket's buffer was full.</summary>
    SendBufferFull,
    /// <summary>Outgoing: no route, or a filter.</summary>
    SendRefused,
    /// <summary>Outgoing: a packet that could not be protected. A fault of ours.</summary>
    ProtectFailed,
}
