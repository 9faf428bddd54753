using Parley.Media.Control;
using Parley.Media.Core.Rtp;

namespace Parley.tests.Media.Relay.Lab;

/// <summary>What a focus would ask for: every leg sends audio and video with its own numbers and receives the others' in slots.</summary>
internal static class Specs
{
    public static readonly PayloadType Vp8 = new(96, "VP8", 90_000, 1, MediaKind.Video, [], ["nack", "nack pli", "ccm fir", "transport-cc"], 97);
    public static readonly PayloadType Opus = new(111, "opus", 48_000, 2, MediaKind.Audio, [], ["transport-cc"]);
    public static readonly HeaderExtension[] Extensions = [new(1, ExtensionMap.AudioLevelUri), new(3, ExtensionMap.TransportSequenceUri), new(4, ExtensionMap.MidUri)];

    // A leg with other numbers.
    public static readonly PayloadType Vp8Elsewhere = new(120, "vp8", 90_000, 1, MediaKind.Video, [], ["nack", "nack pli"], 121);
    public static readonly PayloadType OpusElsewhere = new(9, "OPUS", 48_000, 2, MediaKind.Audio, [], []);
    public static readonly HeaderExtension[] ExtensionsElsewhere = [new(7, ExtensionMap.MidUri), new(8, ExtensionMap.AudioLevelUri)];

    public static TransportSpec Transport(LabPeer? peer, string id = "t", DtlsRole role = DtlsRole.Server, int generation = 0) => new(id, IceRole.Controlled, role, peer?.Remote, generation);

    public static TrackSpec VideoTrack(LabPeer peer) => new($"{peer.Id}-video", MediaKind.Video, "t", "v", peer.Video.Ssrc, peer.VideoRtxSsrc, [Vp8], Extensions);

    public static TrackSpec AudioTrack(LabPeer peer) => new($"{peer.Id}-audio", MediaKind.Audio, "t", "a", peer.Audio.Ssrc, null, [Opus], Extensions);

    public static ForwarderSpec VideoSlot(string id, uint ssrc, string? source, bool hasRtx = true) =>
        new(id, MediaKind.Video, "t", id, ssrc, hasRtx ? ssrc + 1 : null, "someone", [hasRtx ? Vp8Elsewhere : Vp8Elsewhere with { RtxNumber = null }], ExtensionsElsewhere, source);

    public static ForwarderSpec AudioSlot(string id, uint ssrc, string? source) => new(id, MediaKind.Audio, "t", id, ssrc, null, "someone", [OpusElsewhere], ExtensionsElsewhere, source);

    /// <summary>A leg that sends both and receives both of each other leg; slot SSRCs are 1000 apart, audio at 500.</summary>
    public static EndpointSpec Leg(LabPeer peer, IEnumerable<LabPeer> others, bool hasRtx = true) =>
        new(peer.Id, [Transport(peer)], [AudioTrack(peer), VideoTrack(peer)],
            [.. others.SelectMany((other, i) => new[] { VideoSlot($"v{i}", SlotSsrc(i), $"{other.Id}-video", hasRtx), AudioSlot($"a{i}", SlotSsrc(i) + 500, $"{other.Id}-audio") })]);

    public static uint SlotSsrc(int index) => 10_000_000u + (uint)index * 1000;
}
