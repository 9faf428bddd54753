using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video.H264;

namespace Parley.Media.Core.Video;

/// <summary>What pictures are made in for a receiver: equal ones can share an encoding.</summary>
/// <param name="Format">VP8, VP9 or H.264.</param>
/// <param name="H264">The receiver's profile, level and packetization mode; all zeros for the others.</param>
public readonly record struct VideoCoding(PayloadFormat Format, H264Parameters H264 = default)
{
    /// <summary>VP8.</summary>
    public static VideoCoding Vp8 => new(PayloadFormat.Vp8);

    /// <summary>VP9.</summary>
    public static VideoCoding Vp9 => new(PayloadFormat.Vp9);

    /// <summary>H.264's level; null for the others, which have none here.</summary>
    public H264Level? Level => Format == PayloadFormat.H264 ? H264.Level : null;

    /// <summary>Whether every NAL unit goes in a packet of its own (packetization mode 0).</summary>
    public bool HasSingleUnits => Format == PayloadFormat.H264 && H264.Mode == 0;

    /// <summary>What can be made for a payload type of a receiver; null where nothing can.</summary>
    public static VideoCoding? Of(LegPayload payload) => Codec.Of(payload) switch
    {
        { Format: PayloadFormat.Vp8 } => Vp8,
        { Format: PayloadFormat.Vp9, Profile: "0" } => Vp9,
        { Format: PayloadFormat.H264 } when H264Parameters.Of(payload) is { CoversConstrainedBaseline: true, Mode: 0 or 1, Level: not null } h264 => new(PayloadFormat.H264, h264),
        _ => null,
    };

    /// <summary>The payload type of what is made: the same codec as the receiver's.</summary>
    public LegPayload ToPayload(int number) => new(number, Format.ToString(), 90_000,
        Format == PayloadFormat.H264 ? [new("profile-level-id", H264.ProfileLevelId), new("packetization-mode", H264.Mode == 0 ? "0" : "1")] : [], []);

    /// <summary>Whether pictures of a size may be sent at a rate.</summary>
    public bool Allows(int width, int height, double rate) => Level?.Allows(width, height, rate) ?? true;

    /// <summary>A bitrate, bounded by what may be sent.</summary>
    public int Bound(int bitrate) => Math.Min(bitrate, Level?.Bitrate ?? int.MaxValue);
}
