using System.Globalization;
using Parley.Media.Control;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>What has to agree for H.264 (RFC 6184 section 8.2.2), and how an offer is answered.</summary>
public static class H264Terms
{
    private const string Id = "profile-level-id", Mode = "packetization-mode", Asymmetry = "level-asymmetry-allowed";

    // Level 1.1; below it no size fits in that we make.
    private const int LeastLevel = 11;

    /// <summary>Whether a payload type is H.264.</summary>
    public static bool IsH264(string? name) => string.Equals(name, "H264", StringComparison.OrdinalIgnoreCase);

    /// <summary>How well an offered payload type fits one of ours: constrained baseline is 2, baseline 1, and what we do not do 0.</summary>
    public static int Fit(IReadOnlyList<KeyValuePair<string, string>> offered, PayloadType ours)
    {
        if (Value(offered, Mode) is { } mode ? mode != ModeOf(ours) : ModeOf(ours) != "0") return 0;
        // Without it the level is 1 (section 8.1).
        if (Value(offered, Id) is not { Length: 6 } text || !int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)) return 0;
        var (profile, constraints, level) = (id >> 16, id >> 8 & 0xFF, id & 0xFF);
        var isLevel1b = level == LeastLevel && (constraints & 0x10) != 0;
        if (profile != 0x42 || level < LeastLevel || isLevel1b) return 0;
        return (constraints & 0x40) != 0 ? 2 : 1;
    }

    /// <summary>The parameters of an answer: the profile and mode as offered, as they must be, and the level as well. What else was said is about the offerer alone.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Answer(IReadOnlyList<KeyValuePair<string, string>> offered) => [.. offered.Where(p => p.Key is Id or Mode or Asymmetry)];

    /// <summary>What is agreed by an answer to our offer; null if it is no answer to it.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>>? Narrow(PayloadType ours, IReadOnlyList<KeyValuePair<string, string>> answered) => Fit(answered, ours) == 2 ? Answer(answered) : null;

    private static string ModeOf(PayloadType ours) => Value(ours.Parameters, Mode) ?? "0";

    private static string? Value(IReadOnlyList<KeyValuePair<string, string>> parameters, string name) => parameters.Where(p => p.Key == name).Select(p => p.Value.Trim()).FirstOrDefault();
}
