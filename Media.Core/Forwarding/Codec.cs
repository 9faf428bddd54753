using System.Globalization;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Core.Forwarding;

/// <summary>A payload type as one leg negotiated it.</summary>
/// <param name="Number">0 to 127.</param>
/// <param name="Codec">The encoding name.</param>
/// <param name="ClockRate">Hertz.</param>
/// <param name="Parameters">Format parameters (fmtp).</param>
/// <param name="Feedback">RTCP feedback, as <c>nack</c> or <c>nack pli</c>.</param>
/// <param name="RtxNumber">The payload type of its retransmissions; null where RTX was not negotiated.</param>
public sealed record LegPayload(int Number, string Codec, int ClockRate, IReadOnlyList<KeyValuePair<string, string>> Parameters, IReadOnlyList<string> Feedback, int? RtxNumber = null);

/// <summary>A codec independent of any leg's numbers: two payload types that have the same one can be forwarded to each other.</summary>
/// <param name="Name">The encoding name in lower case.</param>
/// <param name="ClockRate">Hertz.</param>
/// <param name="Profile">What else must agree for a decoder to understand it; empty for most.</param>
public sealed record Codec(string Name, int ClockRate, string Profile)
{
    /// <summary>How its payload is looked into.</summary>
    public PayloadFormat Format { get; } = Name switch
    {
        "vp8" => PayloadFormat.Vp8,
        "vp9" => PayloadFormat.Vp9,
        "h264" => PayloadFormat.H264,
        "av1" => PayloadFormat.Av1,
        _ => PayloadFormat.Opaque,
    };

    /// <summary>The codec of a leg's payload type; null for what only repairs or wraps others and so is never forwarded as it is.</summary>
    public static Codec? Of(LegPayload payload)
    {
        var name = payload.Codec.ToLowerInvariant();
        return name switch
        {
            "rtx" or "red" or "ulpfec" or "flexfec-03" or "flexfec" => null,
            "h264" => new(name, payload.ClockRate, H264Profile(payload)),
            "vp9" => new(name, payload.ClockRate, Parameter(payload, "profile-id", "0")),
            "av1" => new(name, payload.ClockRate, Parameter(payload, "profile", "0")),
            _ => new(name, payload.ClockRate, ""),
        };
    }

    // RFC 6184 section 8.1, table 5: baseline with constraint_set1, and main or extended with constraint_set0, are the same profile; the level is the receiver's affair.
    private static string H264Profile(LegPayload payload)
    {
        if (H264Parameters.Of(payload) is not { } h264) return Parameter(payload, "profile-level-id", "") + "/" + Parameter(payload, "packetization-mode", "");
        var name = h264.IsConstrainedBaseline ? "42e" : h264.Profile == 0x64 ? $"64{h264.Constraints & 0x0C:x}" : $"{h264.Profile:x}";
        return string.Create(CultureInfo.InvariantCulture, $"{name}/{h264.Mode}");
    }

    /// <summary>A format parameter in lower case.</summary>
    internal static string Parameter(LegPayload payload, string name, string otherwise)
    {
        foreach (var (key, value) in payload.Parameters)
        {
            if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase)) return value.Trim().ToLowerInvariant();
        }

        return otherwise;
    }
}
