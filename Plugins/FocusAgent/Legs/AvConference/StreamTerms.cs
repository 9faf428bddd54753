using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Negotiation;

namespace Parley.Plugins.FocusAgent.Legs.AvConference;

/// <summary>What may be offered to a client that receives by sessions of its own: in its own numbers where its call showed them, else in the relay's.</summary>
public static class StreamTerms
{
    private const string RtpFeature = "urn:xmpp:jingle:apps:rtp:";

    /// <summary>The terms for a kind; null if the client cannot receive it.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="offer">The client's call.</param>
    /// <param name="capabilities">The relay's.</param>
    /// <param name="features">What the client lists in service discovery.</param>
    public static MediaTerms? Of(MediaKind kind, CallOffer offer, RelayCapabilities capabilities, IReadOnlySet<string> features)
    {
        if (offer.Contents.FirstOrDefault(c => c.Receives.Kind == kind) is { } shown) return shown.Receives;
        // One that sends no video may still show it; XEP-0167 section 11 has it say which kinds it knows.
        var saysKinds = features.Contains(RtpFeature + "audio") || features.Contains(RtpFeature + "video");
        return saysKinds && !features.Contains(RtpFeature + MediaTerms.NameOf(kind)) ? null : Propose(kind, offer, capabilities);
    }

    // Numbers must not mean two things in one bundle (RFC 8843 sections 8.2 and 9.1).
    private static MediaTerms? Propose(MediaKind kind, CallOffer offer, RelayCapabilities capabilities)
    {
        if (capabilities.Codecs.FirstOrDefault(c => c.Kind == kind) is not { } codec) return null;
        var taken = offer.Contents.SelectMany(c => c.Receives.Payloads).SelectMany(p => new[] { p.Number, p.RtxNumber ?? p.Number }).ToHashSet();
        var number = Free(codec.Number, taken);
        int? rtx = codec.RtxNumber is { } proposed ? Free(proposed, taken) : null;
        var known = offer.Contents.SelectMany(c => c.Receives.Extensions).DistinctBy(x => x.Uri).ToDictionary(x => x.Uri, x => x.Id);
        var extensions = (kind == MediaKind.Audio ? capabilities.AudioExtensions : capabilities.VideoExtensions)
            .Select(x => known.TryGetValue(x.Uri, out var id) ? x with { Id = id } : known.ContainsValue(x.Id) ? null : x).OfType<HeaderExtension>().DistinctBy(x => x.Id).ToList();
        return new MediaTerms(kind, [codec with { Number = number, RtxNumber = rtx }], extensions, ReducedSize: false);
    }

    private static int Free(int proposed, HashSet<int> taken)
    {
        // The dynamic range is 96 to 127 (RFC 3551 section 3).
        for (var i = 0; !taken.Add(proposed) && i < 32; i++) proposed = 96 + ((proposed - 96 + 1) & 31);
        return proposed;
    }
}
