using Parley.Media.Control;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>A content of a caller's offer that we take.</summary>
/// <param name="Content">As it was offered.</param>
/// <param name="Sends">The terms for what the caller sends.</param>
/// <param name="Receives">The terms, in the caller's numbers, for media that we may send it.</param>
/// <param name="Ssrc">Its SSRC; null if not told.</param>
/// <param name="RtxSsrc">The SSRC of its retransmissions; null if not told.</param>
/// <param name="Transport">The transport that it arrives on.</param>
public sealed record OfferedContent(JingleContent Content, MediaTerms Sends, MediaTerms Receives, uint? Ssrc, uint? RtxSsrc, MediaTransport Transport);

/// <summary>What a session-initiate of somebody who sends and does not receive amounts to.</summary>
/// <param name="Contents">What we take: at most one of each kind.</param>
/// <param name="Transports">Their transports: one under BUNDLE, else one a content.</param>
/// <param name="IsBundled">Whether the caller bundles.</param>
public sealed record CallOffer(IReadOnlyList<OfferedContent> Contents, IReadOnlyList<MediaTransport> Transports, bool IsBundled)
{
    /// <summary>Reads an offer.</summary>
    /// <returns>Null with what is wrong: <paramref name="fault"/> for what breaks a rule, else <paramref name="refusal"/> for what we cannot do.</returns>
    public static CallOffer? Read(JingleMessage message, RelayCapabilities capabilities, out string? fault, out JingleCondition refusal)
    {
        (fault, refusal) = (null, JingleCondition.UnsupportedApplications);
        var contents = new List<OfferedContent>();
        var transports = new List<MediaTransport>();
        MediaTransport? shared = null;
        var bundle = message.Bundle ?? [];
        foreach (var content in message.Contents)
        {
            if (content.Description is not { } description || MediaTerms.KindOf(description.Media) is not { } kind) continue;
            if (contents.Any(c => c.Sends.Kind == kind)) continue; // one of each kind: a second is refused by not being answered
            if (content.ForeignTransport is not null)
            {
                refusal = JingleCondition.UnsupportedTransports;
                continue;
            }

            var sends = MediaTerms.Answer(description, kind, capabilities, JingleSenders.Initiator);
            var receives = MediaTerms.Answer(description, kind, capabilities, JingleSenders.Responder);
            if (sends is null || receives is null || !description.RtcpMux)
            {
                refusal = JingleCondition.IncompatibleParameters;
                continue;
            }

            var isBundled = bundle.Contains(content.Name);
            var transport = isBundled ? shared : null;
            if (transport is null)
            {
                if (!RemoteTransports.TryRead(content.Transport, out var remote, out fault)) return null;
                transport = new MediaTransport($"t{transports.Count}", IceRole.Controlled, MediaTransport.RoleAgainst(content.Transport?.Setup), remote) { IsRoleOpen = content.Transport?.Setup == "actpass" };
                transports.Add(transport);
                if (isBundled) shared = transport;
            }

            var (ssrc, rtx) = SourcesOf(description, sends);
            contents.Add(new OfferedContent(content, sends, receives, ssrc, rtx, transport));
        }

        return contents.Count > 0 ? new CallOffer(contents, transports, bundle.Count > 0) : null;
    }

    // The first pair of an FID group (RFC 5576 section 4.2) is the stream and its retransmissions.
    private static (uint? Ssrc, uint? Rtx) SourcesOf(RtpDescription description, MediaTerms terms)
    {
        var pair = description.SourceGroups.FirstOrDefault(g => g.Semantics == "FID" && g.Ssrcs.Count == 2)?.Ssrcs;
        if (pair is null) return (description.Sources.Select(s => (uint?)s.Ssrc).FirstOrDefault(), null);
        return (pair[0], terms.HasRtx ? pair[1] : null);
    }
}
