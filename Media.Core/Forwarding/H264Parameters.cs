using System.Globalization;
using Parley.Media.Core.Video.H264;

namespace Parley.Media.Core.Forwarding;

/// <summary>What a payload type of H.264 says of its stream (RFC 6184 section 8.1).</summary>
/// <param name="Profile">profile_idc: 0x42 is baseline.</param>
/// <param name="Constraints">The constraint flags; constraint_set0 is the highest bit.</param>
/// <param name="LevelIdc">level_idc.</param>
/// <param name="Mode">packetization-mode.</param>
public readonly record struct H264Parameters(int Profile, int Constraints, int LevelIdc, int Mode)
{
    /// <summary>Whether it is constrained baseline (table 5): baseline with constraint_set1, main or extended with constraint_set0.</summary>
    public bool IsConstrainedBaseline => (Profile == 0x42 && (Constraints & 0x40) != 0) || (Profile is 0x4D or 0x58 && (Constraints & 0x80) != 0);

    /// <summary>Whether a decoder of this profile decodes constrained baseline: any that is in use.</summary>
    public bool CoversConstrainedBaseline => Profile is 0x42 or 0x4D or 0x58 or 0x64;

    /// <summary>The level; null for one below all.</summary>
    public H264Level? Level => H264Level.Of(LevelIdc, Profile is 0x42 or 0x4D or 0x58 && (Constraints & 0x10) != 0);

    /// <summary>The parameter <c>profile-level-id</c>.</summary>
    public string ProfileLevelId => string.Create(CultureInfo.InvariantCulture, $"{Profile:x2}{Constraints:x2}{LevelIdc:x2}");

    /// <summary>Reads them; null if they are none. What is not said is baseline at level 1 in single NAL units.</summary>
    public static H264Parameters? Of(LegPayload payload)
    {
        var text = Codec.Parameter(payload, "profile-level-id", "42000a");
        if (text.Length != 6 || !int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)) return null;
        if (!int.TryParse(Codec.Parameter(payload, "packetization-mode", "0"), NumberStyles.None, CultureInfo.InvariantCulture, out var mode)) return null;
        return new(id >> 16, (id >> 8) & 0xFF, id & 0xFF, mode);
    }
}
