namespace Parley.Media.Core.Srtp;

/// <summary>How packets are protected; the values are DTLS-SRTP's (RFC 5764 section 4.1.2, RFC 7714 section 14.2).</summary>
public enum SrtpProfile
{
    /// <summary>Counter mode with an 80-bit HMAC-SHA1 tag (RFC 3711).</summary>
    AesCm128HmacSha1Tag80 = 0x0001,
    /// <summary>AES-GCM with a 128-bit tag (RFC 7714): the one we prefer.</summary>
    AeadAes128Gcm = 0x0007,
}

/// <summary>Sizes by profile, in bytes.</summary>
public static class SrtpProfiles
{
    /// <summary>Both profiles' master and session key.</summary>
    public const int KeyLength = 16;

    /// <summary>The most that protecting adds to an RTP packet.</summary>
    public const int MaxRtpTrailer = 16;

    /// <summary>The most that protecting adds to an RTCP packet.</summary>
    public const int MaxRtcpTrailer = 20;

    /// <summary>The master salt, and the session salt.</summary>
    public static int SaltLength(this SrtpProfile profile) => profile == SrtpProfile.AeadAes128Gcm ? 12 : 14;

    /// <summary>The authentication tag.</summary>
    public static int TagLength(this SrtpProfile profile) => profile == SrtpProfile.AeadAes128Gcm ? 16 : 10;

    /// <summary>The session's authentication key.</summary>
    public static int AuthenticationKeyLength(this SrtpProfile profile) => profile == SrtpProfile.AeadAes128Gcm ? 0 : 20;

    /// <summary>How much to ask of the DTLS exporter <c>EXTRACTOR-dtls_srtp</c>.</summary>
    public static int ExporterLength(this SrtpProfile profile) => 2 * (KeyLength + profile.SaltLength());
}
