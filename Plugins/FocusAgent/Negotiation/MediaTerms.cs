using System.Text;
using Parley.Media.Control;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>What was agreed for one kind of media in one direction, in the numbers of the client's offer.</summary>
/// <param name="Kind">Audio or video.</param>
/// <param name="Payloads">Payload types, RTX folded into those that it repeats.</param>
/// <param name="Extensions">Header extensions.</param>
/// <param name="ReducedSize">RTCP of reduced size may be sent (RFC 5506).</param>
public sealed record MediaTerms(MediaKind Kind, IReadOnlyList<PayloadType> Payloads, IReadOnlyList<HeaderExtension> Extensions, bool ReducedSize)
{
    /// <summary>The header extension that names a content (RFC 8843 section 15).</summary>
    public const string MidExtension = "urn:ietf:params:rtp-hdrext:sdes:mid";

    /// <summary>What packets of a content call it; null where they do not, or cannot: the one-byte form carries at most 16 bytes (RFC 8285 section 4.2).</summary>
    public string? MidOf(string content) => Extensions.Any(x => x.Uri == MidExtension) && Encoding.UTF8.GetByteCount(content) <= 16 ? content : null;

    /// <summary>Whether retransmissions have a payload type of their own.</summary>
    public bool HasRtx => Payloads.Any(p => p.RtxNumber is not null);

    /// <summary>
    /// What of an offer the relay can do; null if there is no codec in common. One codec is taken, the relay's first choice among those offered: were there
    /// several, a sender might switch to one that somebody else cannot decode.
    /// </summary>
    /// <param name="offer">The client's description.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="capabilities">The relay's.</param>
    /// <param name="sender">The party whose media the terms are for: extensions that only the other may send are left out.</param>
    public static MediaTerms? Answer(RtpDescription offer, MediaKind kind, RelayCapabilities capabilities, JingleSenders sender)
    {
        var offers = offer.Payloads.Select(StaticPayloads.Named).ToList();
        foreach (var codec in capabilities.Codecs.Where(c => c.Kind == kind))
        {
            if (offers.Select(p => (Payload: p, Fit: Fit(p, codec))).Where(p => p.Fit > 0).OrderByDescending(p => p.Fit).FirstOrDefault().Payload is not { } offered) continue;
            var feedback = offered.Feedback.Concat(offer.Feedback).Select(f => f.ToString()).Distinct().Where(f => codec.Feedback.Contains(f)).ToList();
            var rtx = codec.RtxNumber is null ? null : offer.Payloads.FirstOrDefault(p => IsRtxOf(p, offered.Id));
            var payload = new PayloadType(offered.Id, offered.Name!, offered.ClockRate, kind == MediaKind.Audio ? offered.Channels : 1, kind,
                H264Terms.IsH264(codec.Codec) ? H264Terms.Answer(offered.Parameters) : offered.Parameters, feedback, rtx?.Id);
            return new MediaTerms(kind, [payload], Common(offer.Extensions, kind, capabilities, sender), offer.RtcpReducedSize);
        }

        return null;
    }

    /// <summary>What remains of these terms, which we offered, after the client's answer; null if no codec does.</summary>
    public MediaTerms? Narrow(RtpDescription answer)
    {
        var payloads = new List<PayloadType>();
        foreach (var ours in Payloads)
        {
            if (answer.Payloads.Select(StaticPayloads.Named).FirstOrDefault(p => p.Id == ours.Number && NamesMatch(p.Name, ours.Codec)) is not { } theirs) continue;
            var said = theirs.Feedback.Concat(answer.Feedback).Select(f => f.ToString()).ToHashSet();
            var rtx = ours.RtxNumber is { } number && answer.Payloads.Any(p => p.Id == number && IsRtxOf(p, ours.Number)) ? ours.RtxNumber : null;
            var parameters = H264Terms.IsH264(ours.Codec) ? H264Terms.Narrow(ours, theirs.Parameters) : ours.Parameters;
            if (parameters is null) continue;
            payloads.Add(ours with { Parameters = parameters, Feedback = [.. ours.Feedback.Where(said.Contains)], RtxNumber = rtx });
        }

        if (payloads.Count == 0) return null;
        var extensions = Extensions.Where(x => answer.Extensions.Any(a => a.Id == x.Id && a.Uri == x.Uri)).ToList();
        return new MediaTerms(Kind, payloads, extensions, ReducedSize && answer.RtcpReducedSize);
    }

    /// <summary>A description by these terms.</summary>
    public RtpDescription Write(IReadOnlyList<RtpSource>? sources = null, IReadOnlyList<RtpSourceGroup>? groups = null) => new(NameOf(Kind))
    {
        Payloads = [.. Payloads.SelectMany(WritePayload)],
        Extensions = [.. Extensions.Select(x => new RtpExtension(x.Id, x.Uri))],
        RtcpMux = true,
        RtcpReducedSize = ReducedSize,
        Sources = sources ?? [],
        SourceGroups = groups ?? [],
    };

    /// <summary>The wire's word for a kind.</summary>
    public static string NameOf(MediaKind kind) => kind == MediaKind.Audio ? "audio" : "video";

    /// <summary>The kind of the wire's word; null for others.</summary>
    public static MediaKind? KindOf(string? name) => name switch { "audio" => MediaKind.Audio, "video" => MediaKind.Video, _ => null };

    private static IReadOnlyList<HeaderExtension> Common(IReadOnlyList<RtpExtension> offered, MediaKind kind, RelayCapabilities capabilities, JingleSenders sender)
    {
        var known = kind == MediaKind.Audio ? capabilities.AudioExtensions : capabilities.VideoExtensions;
        // Ids above 14 need the two-byte form (RFC 8285 section 4.3), which is not used here.
        return [.. offered.Where(x => x.Id is >= 1 and <= 14 && (x.Senders == JingleSenders.Both || x.Senders == sender) && known.Any(k => k.Uri == x.Uri))
            .DistinctBy(x => x.Id).DistinctBy(x => x.Uri).Select(x => new HeaderExtension(x.Id, x.Uri))];
    }

    // How well what is offered fits what we do: 0 is not at all.
    private static int Fit(RtpPayload offered, PayloadType codec)
    {
        if (!NamesMatch(offered.Name, codec.Codec) || offered.ClockRate != codec.ClockRate) return 0;
        return H264Terms.IsH264(codec.Codec) ? H264Terms.Fit(offered.Parameters, codec) : 1;
    }

    private static bool NamesMatch(string? a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static bool IsRtxOf(RtpPayload p, int number) =>
        NamesMatch(p.Name, "rtx") && p.Parameters.Any(x => x.Key == "apt" && x.Value == number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static IEnumerable<RtpPayload> WritePayload(PayloadType p)
    {
        yield return new RtpPayload(p.Number, p.Codec, p.ClockRate, p.Channels, p.Parameters, [.. p.Feedback.Select(RtcpFeedback.Of)]);
        if (p.RtxNumber is { } rtx)
            yield return new RtpPayload(rtx, "rtx", p.ClockRate, 1, [KeyValuePair.Create("apt", p.Number.ToString(System.Globalization.CultureInfo.InvariantCulture))], []);
    }
}
