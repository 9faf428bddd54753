using Parley.Media.Control;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Relay;

/// <summary>What this relay forwards, as proposed to browsers. The numbers are those that Chromium uses itself.</summary>
internal static class RelayCapabilityTable
{
    private static readonly KeyValuePair<string, string>[] OpusParameters = [new("minptime", "10"), new("useinbandfec", "1")];

    /// <summary>Opus and VP8, which every browser has, and no feedback that the relay does not act on.</summary>
    public static RelayCapabilities All { get; } = new(
        [
            new(111, "opus", 48_000, 2, MediaKind.Audio, OpusParameters, ["transport-cc"]),
            new(96, "VP8", 90_000, 1, MediaKind.Video, [], ["nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"], 97),
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
}
