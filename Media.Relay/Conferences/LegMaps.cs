using Parley.Media.Control;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Relay.Conferences;

/// <summary>From a leg's negotiated numbers, as a focus states them, to the maps that the packet path uses.</summary>
internal static class LegMaps
{
    public static PayloadTypeMap Payloads(IReadOnlyList<PayloadType> payloads) =>
        new([.. payloads.Select(Payload)]);

    public static LegPayload Payload(PayloadType payload) => new(payload.Number, payload.Codec, payload.ClockRate, payload.Parameters, payload.Feedback, payload.RtxNumber);

    public static ExtensionMap Extensions(IEnumerable<HeaderExtension> extensions) => new(extensions.Select(e => (e.Id, e.Uri)));

    public static bool HasFeedback(IReadOnlyList<PayloadType> payloads, string feedback) => payloads.Any(p => p.Feedback.Contains(feedback));

    /// <summary>Whether two statements mean the same; records with lists in them compare those by identity.</summary>
    public static bool AreSame(IReadOnlyList<PayloadType> one, IReadOnlyList<PayloadType> other) => one.Count == other.Count && one.Zip(other).All(p => IsSame(p.First, p.Second));

    private static bool IsSame(PayloadType one, PayloadType other) =>
        (one.Number, one.ClockRate, one.Channels, one.Kind, one.RtxNumber) == (other.Number, other.ClockRate, other.Channels, other.Kind, other.RtxNumber)
        && string.Equals(one.Codec, other.Codec, StringComparison.OrdinalIgnoreCase)
        && one.Parameters.SequenceEqual(other.Parameters) && one.Feedback.SequenceEqual(other.Feedback);
}
