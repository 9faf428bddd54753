using Parley.Media.Control;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Relay;

/// <summary>What this relay forwards, as proposed to browsers. The numbers are those that Chromium uses itself.</summary>
internal static class RelayCapabilityTable
{
    private static readonly KeyValuePair<string, string>[] OpusParameters = [new("minptime", "10"), new("useinbandfec", "1")];

    // RFC 3551 table 4: the numbers are for life. Who has nothing better is heard all the same, by the mixer; the better comes first.
    private static readonly PayloadType[] Telephony =
    [
        new(9, "G722", 8_000, 1, MediaKind.Audio, [], []),
        new(0, "PCMU", 8_000, 1, MediaKind.Audio, [], []),
        new(8, "PCMA", 8_000, 1, MediaKind.Audio, [], []),
    ];

    private static readonly string[] VideoFeedback = ["nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"];

    private static readonly PayloadType Vp9 = new(98, "VP9", 90_000, 1, MediaKind.Video, [new("profile-id", "0")], VideoFeedback, 99);

    // Constrained baseline, which everybody has, at the level of 1280x720; what lies behind the numbers is in the offers (RFC 6184 section 8.2.2). Single units are for old phones.
    private static readonly PayloadType[] H264 = [H264Of(102, "1", 103), H264Of(104, "0", 105)];

    /// <summary>What can be received and sent.</summary>
    /// <param name="hasMixer">Whether audio can be mixed, and so translated.</param>
    /// <param name="hasVideoMixer">Whether pictures can be transcoded: then VP9 is taken of those who have nothing better.</param>
    /// <param name="hasH264">Whether H.264 can be, too.</param>
    public static RelayCapabilities Of(bool hasMixer, bool hasVideoMixer, bool hasH264) =>
        All with { Codecs = [.. All.Codecs, .. hasMixer ? Telephony : [], .. hasVideoMixer ? [Vp9] : Array.Empty<PayloadType>(), .. hasH264 ? H264 : []], HasMixer = hasMixer, HasVideoMixer = hasVideoMixer };

    /// <summary>Opus and VP8, which every browser has, and no feedback that the relay does not act on.</summary>
    private static RelayCapabilities All { get; } = new(
        [
            new(111, "opus", 48_000, 2, MediaKind.Audio, OpusParameters, ["transport-cc"]),
            new(96, "VP8", 90_000, 1, MediaKind.Video, [], VideoFeedback, 97),
        ],
        [
            new(1, ExtensionMap.AudioLevelUri),
            new(3, ExtensionMap.TransportSequenceUri),
            new(4, ExtensionMap.MidUri),
        ],
        [
            new(3, ExtensionMap.TransportSequenceUri),
            new(4, ExtensionMap.MidUri),
            new(5, ExtensionMap.VideoOrientationUri),
        ]);

    private static PayloadType H264Of(int number, string mode, int rtx) =>
        new(number, "H264", 90_000, 1, MediaKind.Video, [new("profile-level-id", "42e01f"), new("packetization-mode", mode), new("level-asymmetry-allowed", "1")], VideoFeedback, rtx);
}
