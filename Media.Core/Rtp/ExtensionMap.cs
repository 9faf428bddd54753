namespace Parley.Media.Core.Rtp;

/// <summary>The header extensions that we understand.</summary>
public enum RtpExtensionKind : byte
{
    None,
    Mid,
    AudioLevel,
    AbsSendTime,
    TransportSequence,
    VideoOrientation,
    Rid,
    RepairedRid,
}

/// <summary>One leg's extension ids (RFC 8285).</summary>
public sealed class ExtensionMap
{
    public const string MidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";
    public const string AudioLevelUri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
    public const string AbsSendTimeUri = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    public const string TransportSequenceUri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    public const string VideoOrientationUri = "urn:3gpp:video-orientation";
    public const string RidUri = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
    public const string RepairedRidUri = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";

    private readonly RtpExtensionKind[] _kindOf = new RtpExtensionKind[256];
    private readonly byte[] _idOf = new byte[(int)RtpExtensionKind.RepairedRid + 1];

    /// <summary>Makes a map of what was negotiated; what we do not understand is left out.</summary>
    public ExtensionMap(IEnumerable<(int Id, string Uri)> negotiated)
    {
        foreach (var (id, uri) in negotiated)
        {
            var kind = KindOf(uri);
            if (kind == RtpExtensionKind.None || id is < 1 or > 255) continue;
            _kindOf[id] = kind;
            _idOf[(int)kind] = (byte)id;
        }
    }

    /// <summary>A map of nothing.</summary>
    public static ExtensionMap Empty { get; } = new([]);

    /// <summary>What an id means on this leg.</summary>
    public RtpExtensionKind KindOf(int id) => (uint)id < 256 ? _kindOf[id] : RtpExtensionKind.None;

    /// <summary>The id on this leg; 0 if it was not negotiated.</summary>
    public byte IdOf(RtpExtensionKind kind) => _idOf[(int)kind];

    /// <summary>Whether an extension was negotiated and can be written in the one-byte form.</summary>
    public bool Writes(RtpExtensionKind kind) => IdOf(kind) is >= 1 and <= 14;

    private static RtpExtensionKind KindOf(string uri) => uri switch
    {
        MidUri => RtpExtensionKind.Mid,
        AudioLevelUri => RtpExtensionKind.AudioLevel,
        AbsSendTimeUri => RtpExtensionKind.AbsSendTime,
        TransportSequenceUri => RtpExtensionKind.TransportSequence,
        VideoOrientationUri => RtpExtensionKind.VideoOrientation,
        RidUri => RtpExtensionKind.Rid,
        RepairedRidUri => RtpExtensionKind.RepairedRid,
        _ => RtpExtensionKind.None,
    };
}
