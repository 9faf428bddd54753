using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Negotiation;

namespace Parley.Plugins.FocusAgent.Legs.Mixed;

/// <summary>Takes a telephone's keys (RFC 4733) beside the audio that they come with.</summary>
public static class TelephoneKeys
{
    private const string Codec = "telephone-event";

    /// <summary>An offer with its keys, where it has some: their payload type is taken beside each audio codec.</summary>
    public static CallOffer Take(CallOffer offer) => offer with { Contents = [.. offer.Contents.Select(Take)] };

    /// <summary>A track of which nothing but the keys is taken; null if it has none.</summary>
    public static TrackSpec? Alone(TrackSpec track) =>
        track.Payloads.FirstOrDefault(IsKeys) is { } keys ? track with { Payloads = [keys] } : null;

    private static OfferedContent Take(OfferedContent content)
    {
        if (content.Sends.Kind != MediaKind.Audio || content.Sends.Payloads.Any(IsKeys) || content.Content.Description is not { } description) return content;
        var offered = description.Payloads.Where(p => string.Equals(p.Name, Codec, StringComparison.OrdinalIgnoreCase) && p.ClockRate > 0).ToList();
        // Section 2.1: events count time as the audio around them does. Some offer but one, which is then meant.
        if ((offered.Find(p => p.ClockRate == content.Sends.Payloads[0].ClockRate) ?? offered.FirstOrDefault()) is not { } keys) return content;
        var payload = new PayloadType(keys.Id, Codec, keys.ClockRate, 1, MediaKind.Audio, keys.Parameters, []);
        return content with { Sends = content.Sends with { Payloads = [.. content.Sends.Payloads, payload] } };
    }

    private static bool IsKeys(PayloadType payload) => payload.Codec == Codec;
}
