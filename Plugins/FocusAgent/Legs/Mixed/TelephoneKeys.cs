using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Legs.Mixed;

/// <summary>Takes a telephone's keys (RFC 4733) beside the audio that they come with.</summary>
public static class TelephoneKeys
{
    private const string Codec = "telephone-event";

    private static readonly int[] Numbers = [110, 126, 101, 102];

    /// <summary>An offer with its keys, where it has some: their payload type is taken beside each audio codec.</summary>
    public static CallOffer Take(CallOffer offer) => offer with { Contents = [.. offer.Contents.Select(Take)] };

    /// <summary>An offered content with its keys, where it has some.</summary>
    public static OfferedContent Take(OfferedContent content)
    {
        var offered = Among(content);
        // Section 2.1: events count time as the audio around them does. Some offer but one, which is then meant.
        return (offered.Find(p => p.ClockRate == content.Sends.Payloads[0].ClockRate) ?? offered.FirstOrDefault()) is { } keys ? With(content, [keys]) : content;
    }

    /// <summary>A content of ours with all the keys of its answer: the client may send any of them, and Chromium does not send those whose clock is the audio's.</summary>
    public static OfferedContent TakeAll(OfferedContent answered) => With(answered, Among(answered));

    /// <summary>What the room offers with its audio when it calls: keys at each clock that the codecs have, in Chromium's numbers. Which keys is not said: the sixteen are meant then (section 2.4.1).</summary>
    public static MediaTerms Offer(MediaTerms audio)
    {
        var free = new Queue<int>(Numbers.Where(n => audio.Payloads.All(p => p.Number != n && p.RtxNumber != n)));
        return audio with { Payloads = [.. audio.Payloads, .. audio.Payloads.Select(p => p.ClockRate).Distinct().OrderDescending().Take(free.Count).ToList().Select(clock => Of(free.Dequeue(), clock, []))] };
    }

    /// <summary>The keys of a program that has nothing to negotiate by: the usual number, or the next where that is the audio's.</summary>
    public static PayloadType Beside(PayloadType audio) => Of(audio.Number == 101 ? 102 : 101, audio.ClockRate, []);

    /// <summary>A track of which nothing but the keys is taken; null if it has none.</summary>
    public static TrackSpec? Alone(TrackSpec track) =>
        track.Payloads.Any(IsKeys) ? track with { Payloads = [.. track.Payloads.Where(IsKeys)] } : null;

    private static List<RtpPayload> Among(OfferedContent content) => content.Sends.Kind == MediaKind.Audio && !content.Sends.Payloads.Any(IsKeys) && content.Content.Description is { } description
        ? [.. description.Payloads.Where(p => IsNamed(p) && p.ClockRate > 0 && content.Sends.Payloads.All(c => c.Number != p.Id)).DistinctBy(p => p.Id)]
        : [];

    private static OfferedContent With(OfferedContent content, IEnumerable<RtpPayload> keys) =>
        content with { Sends = content.Sends with { Payloads = [.. content.Sends.Payloads, .. keys.Select(k => Of(k.Id, k.ClockRate, k.Parameters))] } };

    private static PayloadType Of(int number, int clock, IReadOnlyList<KeyValuePair<string, string>> parameters) => new(number, Codec, clock, 1, MediaKind.Audio, parameters, []);

    private static bool IsNamed(RtpPayload payload) => string.Equals(payload.Name, Codec, StringComparison.OrdinalIgnoreCase);

    private static bool IsKeys(PayloadType payload) => payload.Codec == Codec;
}
